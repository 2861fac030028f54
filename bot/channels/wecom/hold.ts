import type { Clock } from '../../../common/clock.ts'
import type { PlatformRefused } from '../../../common/errors.ts'
import { holdOf, WRONG_CREDENTIALS } from './errors.ts'

/** An address that is not allowed or an app that is off stays so until somebody acts; asked again after this, then twice as long. */
const FIRST_HOLD_MS = 60_000
const LONGEST_HOLD_MS = 15 * 60_000
/** So long without any answer is more than a passing fault of the network. */
const LOST_MS = 30_000
/** What was last tried longer ago says nothing about now. */
const STALE_MS = 2 * 60_000
const LOST = '企业微信的接口一直连不上,会自动恢复。请检查网络、DNS 和代理。'

/**
 * Calls that are pointless for a while are not made: an address that is not allowed, an app that is switched off, a call whose frequency
 * limit was hit (calling on prolongs the block). They are answered with the platform's own refusal. Also knows whether calls get through at all.
 */
export function createHold(clock: Clock) {
  const held = new Map<string, { refusal: PlatformRefused; until: number }>()
  let coolDownMs = FIRST_HOLD_MS
  let shutOut: { why: string; until: number } | null = null
  let lost: { since: number; last: number } | null = null

  return {
    /** The refusal that a call would meet again now, if any. */
    refusalFor(call: string): PlatformRefused | undefined {
      for (const key of ['*', call]) {
        const found = held.get(key)
        if (found && clock.now() < found.until) return found.refusal
      }
      return undefined
    },

    /** A call was refused. */
    refused(call: string, errcode: number, refusal: PlatformRefused): void {
      const scope = holdOf(errcode)
      lost = null
      // With wrong credentials no token comes, and without one no other call is tried that could say it again.
      if (refusal.code === WRONG_CREDENTIALS) shutOut = { why: refusal.message, until: clock.now() + LONGEST_HOLD_MS + STALE_MS }
      else if (scope === 'all') shutOut = { why: refusal.message, until: clock.now() + coolDownMs }
      if (scope === 'all') {
        held.set('*', { refusal, until: clock.now() + coolDownMs })
        coolDownMs = Math.min(coolDownMs * 2, LONGEST_HOLD_MS)
      } else if (scope === 'call') {
        held.set(call, { refusal, until: clock.now() + Number(refusal.details.retryAfterMs ?? FIRST_HOLD_MS) })
      }
    },

    /** A call went through: whatever was wrong with all of them is mended. */
    passed(): void {
      coolDownMs = FIRST_HOLD_MS
      shutOut = null
      lost = null
    },

    /** No answer came. */
    lost(): void {
      lost = { since: lost?.since ?? clock.now(), last: clock.now() }
    },

    /** Why no call gets through at present, for people; null when calls do, or none was tried lately. */
    trouble(): string | null {
      const now = clock.now()
      if (shutOut && now < shutOut.until) return shutOut.why
      return lost && lost.last - lost.since >= LOST_MS && now - lost.last < STALE_MS ? LOST : null
    },
  }
}
