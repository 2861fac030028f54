const DAY_MS = 86_400_000

/** Sunday first, as ECMA-262 counts weekdays. */
export const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const

export type Weekday = (typeof WEEKDAYS)[number]

/** A day of the local calendar, as days since 1970-01-01. It has no hours and no time zone. */
export type LocalDay = number

/** The day on which a local wall clock shows `wallMs` (milliseconds since 1970-01-01 00:00 of that clock). */
export const dayAt = (wallMs: number): LocalDay => Math.floor(wallMs / DAY_MS)

export const weekdayOf = (day: LocalDay): Weekday => WEEKDAYS[(((day + 4) % 7) + 7) % 7] as Weekday

export const yearOf = (day: LocalDay): number => new Date(day * DAY_MS).getUTCFullYear()

/** `2026-11-23` */
export const dateOf = (day: LocalDay): string => new Date(day * DAY_MS).toISOString().slice(0, 10)

/** Null when there is no such date: `2026-02-30`. */
export function parseDate(date: string): LocalDay | null {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN
  return Number.isNaN(at) || dateOf(at / DAY_MS) !== date ? null : at / DAY_MS
}
