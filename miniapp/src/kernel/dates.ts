import { momentAt } from '../../../engine/calendar/zone.ts'
import { businessTime, DAY_MS } from './time.ts'

/** Seen from another year a date is written in full. */
const LONG_AGO = Date.UTC(1990, 0)

/** `2026-11-23`: the day of a moment by the company's clock, as date inputs write it. */
export const dateOf = (at: number) => businessTime().date(at, LONG_AGO)

/** What the company's clock shows when that date begins. */
const wallOf = (date: string) => Date.parse(`${date}T00:00:00Z`)

/** Local midnight at which that date begins. */
export const startOfDate = (date: string) => momentAt(businessTime(), wallOf(date))

/** Local midnight at which that date is over. */
export const endOfDate = (date: string) => momentAt(businessTime(), wallOf(date) + DAY_MS)
