import type { z } from 'zod'
import type { CalendarView, calendarSetDayInput, HoursText } from '../../../../common/contract/calendar.ts'
import { type ShownDay, weekdayOf } from './month.ts'
import { asTyped, hoursFault, hoursWords, WEEK } from './week.ts'

/** What an admin makes of one day. */
export interface DayChoice {
  kind: 'off' | 'work' | 'morning' | 'afternoon'
  /** Of a working day; none: the usual ones. */
  hours: HoursText[]
  name: string
}

/** Is it a working day by the week alone? Only such a day has a half. */
export const worksByWeek = (view: Pick<CalendarView, 'week'>, date: string): boolean => view.week[weekdayOf(date)].length > 0

/** What is wrong with a choice, as a sentence; null when the service will take it. */
export const choiceFault = ({ kind, hours }: DayChoice): string | null => (kind === 'work' ? hoursFault(hours) : null)

/** The choice as the service takes it: 上班 without hours means those of the week, or on a weekly day off those of a usual day. */
export function dayInput(
  view: Pick<CalendarView, 'id' | 'week'>,
  date: string,
  { kind, hours, name }: DayChoice,
): z.input<typeof calendarSetDayInput> {
  const day = { calendarId: view.id, date, ...(name.trim() && { name: name.trim() }) }
  switch (kind) {
    case 'off':
      return { ...day, kind: 'holiday' }
    case 'morning':
    case 'afternoon':
      return { ...day, kind: 'half', works: kind }
    case 'work':
      if (hours.length > 0) return { ...day, kind: 'workday', hours }
      return worksByWeek(view, date) ? { ...day, kind: 'weekly' } : { ...day, kind: 'workday' }
  }
}

/** What the day is now, to begin with. Hours are shown only when they are not the usual ones: saving would fix them to the day. */
export function choiceOf(view: Pick<CalendarView, 'week'>, day: ShownDay): DayChoice {
  const name = day.name ?? ''
  if (day.hours.length === 0) return { kind: 'off', hours: [], name }
  if (day.word === '半天') return { kind: (day.hours[0]?.from ?? '') < '12:00' ? 'morning' : 'afternoon', hours: [], name }
  const usual = usualHours(view, day.date)
  return { kind: 'work', hours: hoursWords(usual) === hoursWords(day.hours) ? [] : asTyped(day.hours), name }
}

/** Of that weekday, else those of the first working day of the week. */
export function usualHours({ week }: Pick<CalendarView, 'week'>, date: string): HoursText[] {
  const own = week[weekdayOf(date)]
  return own.length > 0 ? own : (WEEK.map(({ key }) => week[key]).find(hours => hours.length > 0) ?? [])
}
