import type { Clock } from '../../common/clock.ts'
import type { LocalTime } from '../../common/time.ts'
import type { Urgency } from '../../models/kernel/outbox.ts'
import type { Quotas } from '../../models/kernel/quotas.ts'
import type { SendBudget } from '../../models/kernel/send-budget.ts'
import type { Channel } from './ports.ts'

const MINUTE_MS = 60_000

/** The share of a limit that each urgency may use; what is above is kept for those who wait for an answer. */
const SHARE: Readonly<Record<Urgency, number>> = { reply: 1, urgent: 0.9, notice: 0.7, low: 0.5 }
/** Nobody reads more notices in a minute: with so many messages in the last one, further notices wait and gather. */
const NOTICES_PER_MINUTE: Readonly<Partial<Record<Urgency, number>>> = { notice: 10, low: 5 }
/** Places that a process reserves at once, at most, of what the whole app may send in a minute, and in a day. */
const MINUTE_PLACES = 50
const DAY_PLACES = 100
const ACCOUNTS_FRESH_MS = 10 * MINUTE_MS
/** The month's calls are nearly used up: an admin may raise the limit, or the month end. */
const CALLS_LOOK_AGAIN_MS = 60 * MINUTE_MS

export interface GovernorNeeds {
  sendBudget: SendBudget
  quotas: Quotas
  clock: Clock
  time: LocalTime
  /** Active accounts on a platform: the day's limit follows from it. */
  countAccounts(platform: string): Promise<number>
}

/**
 * Keeps messages below what the platform delivers, because WeCom drops what is above without a word (vendor page 发送应用消息, 频率限制): to one
 * person per minute and hour, and for the app per minute and day. Counted in the database, so that several processes stay below together.
 */
export function createGovernor({ sendBudget, quotas, clock, time, countAccounts }: GovernorNeeds) {
  const accounts = new Map<string, { count: number; until: number }>()

  async function accountsOn(platform: string, now: number): Promise<number> {
    const known = accounts.get(platform)
    if (known && now < known.until) return known.count
    const count = await countAccounts(platform)
    accounts.set(platform, { count, until: now + ACCOUNTS_FRESH_MS })
    return count
  }

  const appOf = (channel: Channel): string => `${channel.platform}:${channel.corp}:${channel.app}`
  const dayKey = (channel: Channel, now: number): string => `${appOf(channel)}:day:${time.startOfDay(now)}`

  async function appWaitMs(channel: Channel, share: number, now: number): Promise<number> {
    const { perAppPerMinute, perAccountPerDay } = channel.abilities
    if (perAccountPerDay !== undefined) {
      const limit = Math.floor((await accountsOn(channel.platform, now)) * perAccountPerDay * share)
      const tomorrow = time.addDays(now, 1)
      const key = dayKey(channel, now)
      if (!(await quotas.take({ key, limit, places: DAY_PLACES, now, endsAt: tomorrow }))) return tomorrow - now
    }
    if (perAppPerMinute !== undefined) {
      const minute = Math.floor(now / MINUTE_MS)
      const endsAt = (minute + 1) * MINUTE_MS
      const limit = Math.floor(perAppPerMinute * share)
      const key = `${appOf(channel)}:minute:${minute}`
      if (!(await quotas.take({ key, limit, places: MINUTE_PLACES, now, endsAt }))) return endsAt - now
    }
    return 0
  }

  return {
    /**
     * Take a place for one message to one person.
     *
     * @param claimId unique for this attempt
     * @returns 0 when it may go now, else milliseconds to wait
     */
    async take(channel: Channel, userId: string, urgency: Urgency, claimId: string): Promise<number> {
      const { perPersonPerMinute, perPersonPerHour } = channel.abilities
      const now = clock.now()
      const share = SHARE[urgency]
      const worth = urgency === 'reply' || urgency === 'urgent' ? 'answer' : 'notice'
      if (channel.mayCall?.(worth) === false) return CALLS_LOOK_AGAIN_MS
      if (perPersonPerMinute !== undefined) {
        const limits = {
          perMinute: Math.min(Math.floor(perPersonPerMinute * share), NOTICES_PER_MINUTE[urgency] ?? perPersonPerMinute),
          perHour: Math.floor((perPersonPerHour ?? perPersonPerMinute * 60) * share),
        }
        const waitMs = await sendBudget.take(`${appOf(channel)}:${userId}`, claimId, limits, now)
        if (waitMs > 0) return waitMs
      }
      return appWaitMs(channel, share, now)
    },

    /** Messages of today that count against the app's day limit, places reserved in advance included. */
    usedToday: (channel: Channel): Promise<number> => quotas.used(dayKey(channel, clock.now())),
  }
}

export type Governor = ReturnType<typeof createGovernor>
