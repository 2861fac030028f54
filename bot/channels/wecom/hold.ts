import type { Clock } from '../../../common/clock.ts'
import type { PlatformRefused } from '../../../common/errors.ts'
import { holdOf } from './errors.ts'

/** An address that is not allowed or an app that is off stays so until somebody acts; asked again after this, then twice as long. */
const FIRST_HOLD_MS = 60_000
const LONGEST_HOLD_MS = 15 * 60_000

/**
 * Calls that are pointless for a while are not made: an address that is not allowed, an app that is switched off, a call whose frequency
 * limit was hit (calling on prolongs the block). They are answered with the platform's own refusal.
 */
export function createHold(clock: Clock) {
  const held = new Map<string, { refusal: PlatformRefused; until: number }>()
  let coolDownMs = FIRST_HOLD_MS

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
    },
  }
}
