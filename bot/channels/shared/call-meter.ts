import type { Clock } from '../../../common/clock.ts'
import type { ChannelLog } from './log.ts'

/** Where the processes of one app agree on how many calls the month has seen. */
export interface CallLedger {
  /** Add `count` calls to the month's total; resolves to the new total, all processes together. */
  reserve(month: string, count: number): Promise<number>
  /** Take back what was reserved and not called. */
  giveBack(month: string, count: number): Promise<void>
}

/** What a call is for; near the end of the month's allowance the last ones are left out first. */
export type Worth = 'answer' | 'notice' | 'mirror'

export interface CallMeterOptions {
  ledger: CallLedger
  clock: Clock
  log: ChannelLog
  /** Calls a month that this app may make; Infinity: counted, never held back. */
  monthlyCalls: number
  /** A share of {@link ALARM_SHARES} was passed, or the platform says that nothing is left (1). Told once a month by each process. */
  onAlarm?: (alarm: { month: string; share: number; used: number; monthlyCalls: number }) => void
}

export interface CallMeter {
  /** Count a call that is about to be made. Never fails: a database that is away must not silence the product. */
  count(): Promise<void>
  /** The platform refused the last counted call because of its speed: it does not bill that one. */
  uncount(): void
  /** The platform says that the allowance is used up, whatever we counted: other apps of the organisation share it. */
  usedUp(): void
  /** May a call of this worth still be made? */
  allows(worth: Worth): boolean
  /** Calls of this month as far as this process knows, with the unused part of other processes' blocks. */
  used(): number
  /** Give back what was reserved and not called. */
  close(): Promise<void>
}

/** Shares of the allowance at which the admins are told. */
export const ALARM_SHARES = [0.8, 0.95] as const

/** Up to this share of the allowance calls of a worth are made. */
const ALLOWED_SHARE: Readonly<Record<Worth, number>> = { answer: Number.POSITIVE_INFINITY, notice: 0.95, mirror: 0.8 }

/** Calls are reserved in blocks, so that counting costs one small write in ten calls. */
const BLOCK = 10
const BEIJING_MS = 8 * 3_600_000

/** The month that a call is billed in, as `2026-11`: the platform's months are Beijing's. */
export const billingMonth = (at: number): string => new Date(at + BEIJING_MS).toISOString().slice(0, 7)

/** Counts the metered calls of one app; processes agree by reserving blocks of calls in the database. */
export function createCallMeter({ ledger, clock, log, monthlyCalls, onAlarm }: CallMeterOptions): CallMeter {
  let month = ''
  /** Reserved by all processes. */
  let total = 0
  /** Reserved here and not called yet. */
  let left = 0
  /** Called while the ledger was away. */
  let owed = 0
  let isUsedUp = false
  let alarmed = new Set<number>()
  let refill: Promise<void> | null = null

  function turnMonth(): void {
    const current = billingMonth(clock.now())
    if (current === month) return
    month = current
    total = 0
    left = 0
    owed = 0
    isUsedUp = false
    alarmed = new Set()
  }

  async function reserve(): Promise<void> {
    const [mine, paid] = [month, owed]
    try {
      const reserved = await ledger.reserve(mine, BLOCK + paid)
      if (mine !== month) return
      total = reserved
      left += BLOCK
      owed -= paid
    } catch (error) {
      log.warn({ code: 'dingtalk.meter_away', err: error }, 'calls are counted in memory for now')
    } finally {
      refill = null
    }
  }

  const used = (): number => Math.max(0, total - left) + owed

  function alarm(share: number): void {
    if (alarmed.has(share)) return
    alarmed.add(share)
    onAlarm?.({ month, share, used: used(), monthlyCalls })
  }

  return {
    async count() {
      turnMonth()
      if (left === 0) {
        refill ??= reserve()
        await refill
      }
      if (left > 0) left -= 1
      else owed += 1
      for (const share of ALARM_SHARES) if (used() >= share * monthlyCalls) alarm(share)
    },
    uncount() {
      left += 1
    },
    usedUp() {
      turnMonth()
      isUsedUp = true
      alarm(1)
    },
    allows(worth) {
      turnMonth()
      return worth === 'answer' || (!isUsedUp && used() < ALLOWED_SHARE[worth] * monthlyCalls)
    },
    used() {
      turnMonth()
      return used()
    },
    async close() {
      await refill
      const unused = left - owed
      left = 0
      owed = 0
      if (unused === 0 || month === '') return
      total -= unused
      await ledger.giveBack(month, unused)
    },
  }
}
