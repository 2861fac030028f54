import { z } from 'zod'

const HOUR = 3600
const DAY = 24 * HOUR

/**
 * One range of working hours, half open: `fromSecond` belongs to it, `toSecond` does not. Both are seconds after local midnight of the day
 * it belongs to; a night shift ends after 24:00 and still belongs to the day on which it begins.
 */
export const hours = z
  .strictObject({
    fromSecond: z
      .int()
      .min(0)
      .max(DAY - 1),
    toSecond: z
      .int()
      .min(1)
      .max(2 * DAY),
  })
  .refine(({ fromSecond, toSecond }) => toSecond > fromSecond && toSecond - fromSecond <= DAY, {
    message: '结束时间要晚于开始时间,且一段不超过 24 小时',
  })

export type Hours = z.infer<typeof hours>

const CLOCK = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/

/** Seconds after midnight from `9:00`, `09:00` or `09:00:30`; `24:00` is the end of the day. Null when it is no time. */
export function parseClock(text: string): number | null {
  if (/^24:00(?::00)?$/.test(text)) return DAY
  const match = CLOCK.exec(text)
  return match && Number(match[1]) * HOUR + Number(match[2]) * 60 + Number(match[3] ?? 0)
}

/** `09:00`, `09:00:30`; a time after midnight reads as on a clock (30 h is `06:00`), midnight at the end of the day is `24:00`. */
export function formatClock(second: number): string {
  const onClock = second === DAY ? DAY : second % DAY
  const two = (value: number): string => String(value).padStart(2, '0')
  const seconds = onClock % 60
  return `${two(Math.floor(onClock / HOUR))}:${two(Math.floor(onClock / 60) % 60)}${seconds ? `:${two(seconds)}` : ''}`
}

/** A range as people write it: `22:00` to `06:00` ends on the next day. Null when one of the two is no time or they are equal. */
export function parseHours(from: string, to: string): Hours | null {
  const [fromSecond, end] = [parseClock(from), parseClock(to)]
  if (fromSecond === null || end === null || fromSecond === end) return null
  const parsed = hours.safeParse({ fromSecond, toSecond: end > fromSecond ? end : end + DAY })
  return parsed.success ? parsed.data : null
}

/** The part of the ranges that lies within `[fromSecond, toSecond)`. */
export const clipHours = (ranges: readonly Hours[], fromSecond: number, toSecond: number): Hours[] =>
  ranges
    .map(range => ({ fromSecond: Math.max(range.fromSecond, fromSecond), toSecond: Math.min(range.toSecond, toSecond) }))
    .filter(range => range.toSecond > range.fromSecond)
