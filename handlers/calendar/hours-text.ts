import { type CalendarDay, type HoursText, WEEKDAY_KEYS, type WeekdayKey } from '../../common/contract/calendar.ts'
import { InvalidError } from '../../common/errors.ts'
import { type DayOverride, formatClock, type Hours, parseDate, parseHours, type WorkWeek } from '../../engine/calendar/index.ts'

/** @throws InvalidError `calendar.bad_hours` naming the range */
export const readHours = (ranges: readonly HoursText[]): Hours[] =>
  ranges.map(({ from, to }) => {
    const read = parseHours(from, to)
    if (read) return read
    throw new InvalidError('calendar.bad_hours', `${from}–${to} 不是一段工作时间,请写成 09:00–12:00 的样子。`)
  })

export const writeHours = (ranges: readonly Hours[]): HoursText[] =>
  ranges.map(({ fromSecond, toSecond }) => ({ from: formatClock(fromSecond), to: formatClock(toSecond) }))

const eachDay = <From, To>(week: Record<WeekdayKey, From>, change: (hours: From) => To): Record<WeekdayKey, To> =>
  Object.fromEntries(WEEKDAY_KEYS.map(day => [day, change(week[day])])) as Record<WeekdayKey, To>

/** @throws InvalidError `calendar.bad_hours` */
export const readWeek = (week: Record<WeekdayKey, HoursText[]>): WorkWeek => eachDay(week, readHours)

export const writeWeek = (week: WorkWeek): Record<WeekdayKey, HoursText[]> => eachDay(week, writeHours)

/** A day as the admin set it. */
export type DayInput = Pick<CalendarDay, 'date' | 'name'> &
  (
    | { kind: 'holiday' | 'weekly' }
    | { kind: 'workday'; like?: WeekdayKey | undefined; hours?: HoursText[] | undefined }
    | { kind: 'half'; works: 'morning' | 'afternoon' }
  )

/** @throws InvalidError `calendar.bad_date` (2026-02-30), `calendar.bad_hours` */
export function readDay(input: DayInput): DayOverride {
  const { date, name } = input
  if (parseDate(date) === null) throw new InvalidError('calendar.bad_date', `没有 ${date} 这一天。`)
  const named = { date, ...(name && { name }) }
  switch (input.kind) {
    case 'holiday':
    case 'weekly':
      return { ...named, kind: input.kind }
    case 'half':
      return { ...named, kind: 'half', works: input.works }
    case 'workday':
      return {
        ...named,
        kind: 'workday',
        ...(input.like && { like: input.like }),
        ...(input.hours && { hours: readHours(input.hours) }),
      }
  }
}
