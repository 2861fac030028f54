import type { LocalTime } from '../../common/time.ts'
import type { QuietHours } from '../../models/kernel/notice-preferences.ts'

const DAY_MINUTES = 24 * 60
const MINUTE_MS = 60_000

const minutesOf = (clock: string): number => {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  return hours * 60 + minutes
}

/**
 * When the quiet stretch that holds `at` ends; null when `at` is in none. The stretch begins with `from` and ends before `to`; equal ends mean
 * no quiet hours.
 */
export function quietUntil(at: number, quiet: QuietHours, time: LocalTime): number | null {
  const from = minutesOf(quiet.from)
  const to = minutesOf(quiet.to)
  if (from === to) return null
  const now = minutesOf(time.clock(at))
  const inside = from < to ? now >= from && now < to : now >= from || now < to
  if (!inside) return null
  const left = (to - now + DAY_MINUTES) % DAY_MINUTES
  return Math.floor(at / MINUTE_MS) * MINUTE_MS + left * MINUTE_MS
}

/** `21:00-08:00`, or null for `off`; undefined when it is neither. */
export function parseQuietHours(text: string): QuietHours | null | undefined {
  if (text === 'off') return null
  const found = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/.exec(text)
  return found ? { from: `${found[1]}:${found[2]}`, to: `${found[3]}:${found[4]}` } : undefined
}
