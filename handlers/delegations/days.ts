import type { LocalTime } from '../../common/time.ts'
import { dayAt, type LocalDay, momentAt, parseDate, WEEKDAYS, wallAt, weekdayOf, yearOf } from '../../engine/calendar/index.ts'
import type { DayWord } from '../talk/understand/index.ts'

const DAY_MS = 86_400_000

/** Monday is 1 and Sunday 7, as people number a week. */
const placeInWeek = (day: LocalDay): number => WEEKDAYS.indexOf(weekdayOf(day)) || 7

function lastOfMonth(today: LocalDay): LocalDay {
  const date = new Date(today * DAY_MS)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0) / DAY_MS
}

const twoDigits = (value: number): string => String(value).padStart(2, '0')

/** A month and day without a year is the next one that comes. */
function nextDate(month: number, day: number, today: LocalDay): LocalDay | null {
  const year = yearOf(today)
  for (const candidate of [year, year + 1, year + 2, year + 3, year + 4]) {
    const found = parseDate(`${candidate}-${twoDigits(month)}-${twoDigits(day)}`)
    if (found !== null && found >= today) return found
  }
  return null
}

/** Which day is meant by a word said today: 周五 is this week's while it is not over, else next week's. Null: there is no such day. */
export function dayOfWord(word: DayWord, today: LocalDay): LocalDay | null {
  switch (word.kind) {
    case 'offset':
      return today + word.days
    case 'weekday': {
      const ahead = word.weekday - placeInWeek(today)
      if (word.weeksAhead !== undefined) return today + ahead + 7 * word.weeksAhead
      return today + (ahead < 0 ? ahead + 7 : ahead)
    }
    case 'monthEnd':
      return lastOfMonth(today)
    case 'date':
      return word.year === undefined
        ? nextDate(word.month, word.day, today)
        : parseDate(`${word.year}-${twoDigits(word.month)}-${twoDigits(word.day)}`)
  }
}

export const today = (time: LocalTime, now: number): LocalDay => dayAt(wallAt(time, now))

/** Local midnight at which a day begins. */
export const beginningOf = (day: LocalDay, time: LocalTime): number => momentAt(time, day * DAY_MS)

/** Local midnight at which a day is over. */
export const endOf = (day: LocalDay, time: LocalTime): number => beginningOf(day + 1, time)
