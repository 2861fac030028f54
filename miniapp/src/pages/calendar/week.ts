import type { HoursText, WeekdayKey } from '../../../../common/contract/calendar.ts'

/** Monday first, as people read a week. */
export const WEEK: readonly { key: WeekdayKey; word: string; short: string }[] = [
  { key: 'monday', word: '周一', short: '一' },
  { key: 'tuesday', word: '周二', short: '二' },
  { key: 'wednesday', word: '周三', short: '三' },
  { key: 'thursday', word: '周四', short: '四' },
  { key: 'friday', word: '周五', short: '五' },
  { key: 'saturday', word: '周六', short: '六' },
  { key: 'sunday', word: '周日', short: '日' },
]

export const weekdayWord = (key: WeekdayKey): string => WEEK.find(day => day.key === key)?.word ?? ''

const DAY_SECONDS = 24 * 3600
const MAX_RANGES = 12

/** Seconds after midnight of `09:00` or `09:00:30`; NaN when it is no time. */
function secondsOf(clock: string): number {
  const [hours, minutes, seconds = 0] = clock.split(':').map(Number)
  return (hours ?? Number.NaN) * 3600 + (minutes ?? Number.NaN) * 60 + seconds
}

/** As the service reads it: an end that is not later lies on the next day. */
function spanOf({ from, to }: HoursText): { start: number; end: number } {
  const start = secondsOf(from)
  const end = secondsOf(to)
  return { start, end: end > start ? end : end + DAY_SECONDS }
}

export const endsNextDay = (range: HoursText): boolean => spanOf(range).end > DAY_SECONDS

/** `09:00–12:00、13:00–18:00`, `22:00–次日 06:00`, `休息` */
export function hoursWords(ranges: readonly HoursText[]): string {
  if (ranges.length === 0) return '休息'
  return ranges.map(range => `${range.from}–${endsNextDay(range) ? '次日 ' : ''}${endWord(range)}`).join('、')
}

const endWord = ({ to }: HoursText): string => (to === '00:00' ? '24:00' : to)

/** For time inputs, which know no 24:00. */
export const asTyped = (ranges: readonly HoursText[]): HoursText[] =>
  ranges.map(({ from, to }) => ({ from, to: to === '24:00' ? '00:00' : to }))

/** What is wrong with the hours of one day, as a sentence; null when the service will take them. */
export function hoursFault(ranges: readonly HoursText[]): string | null {
  if (ranges.length > MAX_RANGES) return `一天最多 ${MAX_RANGES} 段`
  if (ranges.some(({ from, to }) => !from || !to)) return '请把每一段的起止时间填完整'
  if (ranges.some(({ from, to }) => secondsOf(from) === secondsOf(to))) return '一段的开始和结束不能相同'
  const spans = ranges.map(spanOf).sort((a, b) => a.start - b.start)
  const overlaps = spans.some(({ start }, index) => start < (spans[index - 1]?.end ?? 0))
  return overlaps ? '有两段时间重叠' : null
}

/** The week in few lines: neighbours with the same hours stand together. */
export function weekWords(week: Record<WeekdayKey, HoursText[]>): { days: string; hours: string; keys: WeekdayKey[] }[] {
  const lines: { keys: WeekdayKey[]; hours: string }[] = []
  for (const { key } of WEEK) {
    const hours = hoursWords(week[key])
    const last = lines.at(-1)
    if (last?.hours === hours) last.keys.push(key)
    else lines.push({ keys: [key], hours })
  }
  return lines.map(({ keys, hours }) => ({ keys, hours, days: keys.length === 1 ? ends(keys)[0] : ends(keys).join('至') }))
}

const ends = (keys: WeekdayKey[]): [string, string] => [
  weekdayWord(keys[0] ?? 'monday'),
  weekdayWord(keys[keys.length - 1] ?? 'monday'),
]

/** Working hours of a whole week, to a tenth. */
export function weekTotal(week: Record<WeekdayKey, HoursText[]>): number {
  const seconds = WEEK.flatMap(({ key }) => week[key].map(spanOf)).reduce((sum, { start, end }) => sum + end - start, 0)
  return Math.round(seconds / 360) / 10
}
