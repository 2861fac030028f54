import { z } from 'zod'

/** Monday first, as people read a week. */
export const WEEKDAY_KEYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
export type WeekdayKey = (typeof WEEKDAY_KEYS)[number]

/** A range of working hours as on a clock; `22:00` to `06:00` ends on the next day, `24:00` is the end of the day. */
export interface HoursText {
  from: string
  to: string
}

/** A day that differs from its week, and what becomes of it. */
export interface CalendarDay {
  /** `2026-11-23` */
  date: string
  /** `weekly`: as the week says, although the official holidays say otherwise. */
  kind: 'holiday' | 'workday' | 'half' | 'weekly'
  name?: string
  /** `official`: from the state's notice; `own`: set by the admin, which beats it. */
  source: 'official' | 'own'
  /** The hours that are worked on it in the end. */
  hours: HoursText[]
}

export interface CalendarYear {
  year: number
  /** Are its official holidays known? If not, it counts by weekday and deadlines in it are provisional. */
  published: boolean
  source: 'package' | 'admin' | null
  days: CalendarDay[]
}

/** `calendar.get` */
export interface CalendarView {
  id: string
  name: string
  /** The company's own; it cannot be removed. */
  isDefault: boolean
  /** IANA name; null: the business time zone. */
  timeZone: string | null
  revision: number
  week: Record<WeekdayKey, HoursText[]>
  followsOfficial: boolean
  departments: { id: string; name: string }[]
  /** The asked year and the next. */
  years: CalendarYear[]
  /** Open deadlines that count on a year whose holidays are not published yet. */
  provisionalDeadlines: number
}

/** `calendar.list` */
export interface CalendarList {
  items: { id: string; name: string; isDefault: boolean; departments: { id: string; name: string }[] }[]
  /** Every department, to give it a calendar. On two platforms a department is there twice, once for each. */
  departments: { id: string; name: string; platform: string; parentId: string | null; calendarId: string | null }[]
}

export interface CalendarChanged {
  calendarId: string
  revision: number
}

const calendarId = z.string().min(1).max(64)
const year = z.coerce.number().int().min(2000).max(2199)
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, '日期写成 2026-11-23 的样子')
const clock = z.string().regex(/^(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d)?$/, '时间写成 09:00 的样子')
const hours = z.strictObject({ from: clock, to: clock })
const dayHours = z.array(hours).max(12)
const name = z.string().trim().min(1).max(40)
const departmentIds = z.array(z.string().min(1).max(200)).max(200)

/** Without `year`: this one. */
export const calendarGetInput = z.object({ calendarId: calendarId.default('default'), year: year.optional() })

/** A calendar for some departments, beginning as a copy of the company's. */
export const calendarCreateInput = z.object({ name, departmentIds: departmentIds.min(1) })

export const calendarUpdateInput = z.object({
  calendarId,
  name: name.optional(),
  departmentIds: departmentIds.optional(),
  followsOfficial: z.boolean().optional(),
  timeZone: z.string().max(60).nullable().optional(),
})

export const calendarRemoveInput = z.object({ calendarId })

export const calendarSetWeekInput = z.object({
  calendarId,
  week: z.strictObject({
    monday: dayHours,
    tuesday: dayHours,
    wednesday: dayHours,
    thursday: dayHours,
    friday: dayHours,
    saturday: dayHours,
    sunday: dayHours,
  }),
})

const onDay = { calendarId, date, name: name.optional() }

/** A holiday, a 补班 day (own hours, else those of the weekday `like`, else the usual ones), a half day, or a day as any other. */
export const calendarSetDayInput = z.discriminatedUnion('kind', [
  z.strictObject({ ...onDay, kind: z.literal('holiday') }),
  z.strictObject({
    ...onDay,
    kind: z.literal('workday'),
    like: z.enum(WEEKDAY_KEYS).optional(),
    hours: dayHours.min(1).optional(),
  }),
  z.strictObject({ ...onDay, kind: z.literal('half'), works: z.enum(['morning', 'afternoon']) }),
  z.strictObject({ ...onDay, kind: z.literal('weekly') }),
])

/** What the official holidays say holds again. */
export const calendarRemoveDayInput = z.object({ calendarId, date })

/** Without `days`: as the service's own list has them. */
export const calendarLoadYearInput = z.object({
  year,
  days: z
    .array(z.strictObject({ date, kind: z.enum(['holiday', 'workday']), name: name.optional() }))
    .min(1)
    .max(200)
    .optional(),
})
