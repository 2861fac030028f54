import type { CalendarDay, CalendarView, HoursText, WeekdayKey } from '../../../../common/contract/calendar.ts'
import { hoursWords, WEEK, weekdayWord } from './week.ts'

const DAY_MS = 86_400_000
const two = (value: number): string => String(value).padStart(2, '0')
const numberOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY_MS

/** 1970-01-01 was a Thursday. */
const placeInWeek = (date: string): number => (numberOf(date) + 3) % 7

export const weekdayOf = (date: string): WeekdayKey => WEEK[placeInWeek(date)]?.key ?? 'monday'

/** The dates of a month in rows of a week, Monday first; null before the first and after the last. */
export function weeksOf(year: number, month: number): (string | null)[][] {
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate()
  const dates = Array.from({ length }, (_, index) => `${year}-${two(month)}-${two(index + 1)}`)
  const before = Array.from({ length: placeInWeek(dates[0] ?? '') }, () => null)
  const after = Array.from({ length: (7 - ((before.length + length) % 7)) % 7 }, () => null)
  const cells = [...before, ...dates, ...after]
  return Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7))
}

/** How one date looks in the month: a word says what the colour says. */
export interface ShownDay {
  date: string
  tone: 'usual' | 'off' | 'holiday' | 'makeup' | 'own'
  /** Beside the number; empty on a day like any other. */
  word: string
  /** 法定节假日, 每周休息 … */
  meaning: string
  name?: string
  hours: HoursText[]
  isOwn: boolean
}

const OFFICIAL: Partial<Record<CalendarDay['kind'], Pick<ShownDay, 'tone' | 'word' | 'meaning'>>> = {
  holiday: { tone: 'holiday', word: '休', meaning: '法定节假日' },
  workday: { tone: 'makeup', word: '班', meaning: '调休补班' },
}
const OWN: Record<CalendarDay['kind'], { word: string; meaning: string }> = {
  holiday: { word: '放假', meaning: '另设为休息' },
  workday: { word: '上班', meaning: '另设为上班' },
  half: { word: '半天', meaning: '另设为半天' },
  weekly: { word: '照常', meaning: '另设为照常' },
}

/** One date of the calendar, whether it differs from its week or not. */
export function shownDay(view: Pick<CalendarView, 'week' | 'years'>, date: string): ShownDay {
  const special = view.years.flatMap(({ days }) => days).find(day => day.date === date)
  if (special) {
    const look = special.source === 'official' ? OFFICIAL[special.kind] : undefined
    return {
      date,
      ...(look ?? { tone: 'own', ...OWN[special.kind] }),
      ...(special.name && { name: special.name }),
      hours: special.hours,
      isOwn: special.source === 'own',
    }
  }
  const hours = view.week[weekdayOf(date)]
  const isOff = hours.length === 0
  return {
    date,
    tone: isOff ? 'off' : 'usual',
    word: '',
    meaning: isOff ? '每周休息' : '每周上班',
    hours,
    isOwn: false,
  }
}

/** `10月1日 周四` */
export const dayTitle = (date: string): string =>
  `${Number(date.slice(5, 7))}月${Number(date.slice(8))}日 ${weekdayWord(weekdayOf(date))}`

/** What a screen reader says of a cell. */
export const dayLabel = (day: ShownDay): string =>
  [dayTitle(day.date), day.name, day.meaning, day.hours.length > 0 ? hoursWords(day.hours) : ''].filter(Boolean).join(',')

export interface DaySpan {
  days: string
  text: string
  day: ShownDay
}

/** The special days of a month, neighbours of one kind and name together: `10-01 至 10-07`, `国庆节 · 法定节假日`. */
export function spansOf(view: Pick<CalendarView, 'week' | 'years'>, year: number, month: number): DaySpan[] {
  const special = weeksOf(year, month)
    .flat()
    .flatMap(date => (date ? [shownDay(view, date)] : []))
    .filter(({ word }) => word !== '')
  const groups: ShownDay[][] = []
  for (const day of special) {
    const group = groups.at(-1)
    const last = group?.at(-1)
    if (group && last && isNext(last, day)) group.push(day)
    else groups.push([day])
  }
  return groups.flatMap(group => {
    const [first] = group
    const last = group.at(-1)
    if (!first || !last) return []
    const days = first === last ? dayShort(first.date) : `${dayShort(first.date)} 至 ${dayShort(last.date)}`
    return [{ days, text: [first.name, first.meaning, hoursOf(first)].filter(Boolean).join(' · '), day: first }]
  })
}

const dayShort = (date: string): string => date.slice(5)
/** Of a day on which people work. */
const hoursOf = ({ hours }: ShownDay): string => (hours.length > 0 ? hoursWords(hours) : '')

const isNext = (before: ShownDay, day: ShownDay): boolean =>
  numberOf(day.date) === numberOf(before.date) + 1 &&
  day.meaning === before.meaning &&
  day.name === before.name &&
  hoursOf(day) === hoursOf(before)
