import type { DayOverride, WorkCalendar } from './definition.ts'

/** What the state decided for one year: its holidays and 补班 days. */
export interface OfficialYear {
  year: number
  days: readonly DayOverride[]
}

/**
 * A calendar with the official years that are known laid under its own days: an own day beats the official one of its date.
 */
export function withOfficialYears(own: Omit<WorkCalendar, 'publishedYears'>, years: readonly OfficialYear[]): WorkCalendar {
  const days = new Map(years.flatMap(year => year.days).map(day => [day.date, day]))
  for (const day of own.days) days.set(day.date, day)
  return {
    ...own,
    days: [...days.values()].sort((a, b) => (a.date < b.date ? -1 : 1)),
    publishedYears: years.map(({ year }) => year).sort((a, b) => a - b),
  }
}
