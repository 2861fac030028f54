import { z } from 'zod'
import { hours } from './hours.ts'
import { parseDate, WEEKDAYS } from './local-day.ts'

/** A date that exists: `2026-11-23`. */
export const dateText = z
  .string()
  .max(10)
  .refine(date => parseDate(date) !== null, { message: '日期写成 2026-11-23 的样子' })

const dayHours = z.array(hours).max(12)
const weekday = z.enum(WEEKDAYS)
const onDate = { date: dateText, name: z.string().trim().min(1).max(40).optional() }

/**
 * One date that differs from its week. `holiday`: nobody works. `workday` (补班): own hours, else those of the weekday `like`, else those of
 * the first weekday from Monday on that has any. `half`: the part of its usual hours before or after 12:00. `weekly`: as the week says,
 * whatever the official holidays say.
 */
export const dayOverride = z.discriminatedUnion('kind', [
  z.strictObject({ ...onDate, kind: z.literal('holiday') }),
  z.strictObject({ ...onDate, kind: z.literal('workday'), like: weekday.optional(), hours: dayHours.min(1).optional() }),
  z.strictObject({ ...onDate, kind: z.literal('half'), works: z.enum(['morning', 'afternoon']) }),
  z.strictObject({ ...onDate, kind: z.literal('weekly') }),
])

/** The hours of each weekday; several ranges a day, none on a day off. */
export const workWeek = z.strictObject({
  monday: dayHours,
  tuesday: dayHours,
  wednesday: dayHours,
  thursday: dayHours,
  friday: dayHours,
  saturday: dayHours,
  sunday: dayHours,
})

/**
 * When people work, as data, on the wall clocks of a zone that is handed in beside it. `revision` grows with every change; what was computed under an older one is computed anew. In
 * `publishedYears` the official holidays are known; any other year counts by weekday and own days alone. `every`: official holidays do not
 * matter here.
 */
export const workCalendar = z.strictObject({
  id: z.string().min(1).max(64),
  revision: z.int().min(0),
  week: workWeek,
  days: z.array(dayOverride).max(5_000),
  publishedYears: z.union([z.literal('every'), z.array(z.int().min(1970).max(9999)).max(200)]),
})

export type DayOverride = z.infer<typeof dayOverride>
export type WorkWeek = z.infer<typeof workWeek>
export type WorkCalendar = z.infer<typeof workCalendar>

const officeDay = [
  { fromSecond: 9 * 3600, toSecond: 12 * 3600 },
  { fromSecond: 13 * 3600, toSecond: 18 * 3600 },
]

/** Monday to Friday, 09:00–12:00 and 13:00–18:00: what a company starts with. */
export const OFFICE_WEEK: WorkWeek = {
  monday: officeDay,
  tuesday: officeDay,
  wednesday: officeDay,
  thursday: officeDay,
  friday: officeDay,
  saturday: [],
  sunday: [],
}
