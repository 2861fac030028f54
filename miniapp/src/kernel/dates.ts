import { businessTime } from './time.ts'

/** Seen from another year a date is written in full. */
const LONG_AGO = Date.UTC(1990, 0)

/** `2026-11-23`: the day of a moment by the company's clock, as date inputs write it. */
export const dateOf = (at: number) => businessTime.date(at, LONG_AGO)

/** Local midnight at which that date begins. */
export const startOfDate = (date: string) => businessTime.startOfDay(Date.parse(`${date}T12:00:00Z`))

/** Local midnight at which that date is over. */
export const endOfDate = (date: string) => businessTime.addDays(startOfDate(date), 1)
