import type { DayOverride, Hours, WorkCalendar } from '../../../engine/calendar/index.ts'

/**
 * What the calendar is measured against: it looks at every single second of a window and asks whether somebody works in it, and shares no
 * code with the engine.
 */
export interface Oracle {
  /** Working milliseconds from the start of the window to a moment in it. */
  workedMs(at: number): number
  /** The first moment at which so much has been worked since the start of the window; null when the window is too short. */
  momentOf(workedMs: number): number | null
}

const NAMES = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const
const DAY = 86_400

function hoursOfDate(calendar: WorkCalendar, midnightUtc: Date): Hours[] {
  const date = midnightUtc.toISOString().slice(0, 10)
  const weekly = calendar.week[NAMES[midnightUtc.getUTCDay()] ?? 'monday']
  const special: DayOverride | undefined = calendar.days.find(day => day.date === date)
  if (special === undefined || special.kind === 'weekly') return weekly
  if (special.kind === 'holiday') return []
  if (special.kind === 'workday') {
    if (special.hours) return special.hours
    if (special.like) return calendar.week[special.like]
    for (const name of ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const) {
      if (calendar.week[name].length > 0) return calendar.week[name]
    }
    return []
  }
  const kept: Hours[] = []
  for (const { fromSecond, toSecond } of weekly) {
    if (special.works === 'morning' && fromSecond < 43_200) kept.push({ fromSecond, toSecond: Math.min(toSecond, 43_200) })
    if (special.works === 'afternoon' && toSecond > 43_200) kept.push({ fromSecond: Math.max(fromSecond, 43_200), toSecond })
  }
  return kept
}

/**
 * @param firstDate local date on which the window begins, at midnight
 * @param offsetMinutes the zone's fixed distance from UTC
 */
export function secondWalker(calendar: WorkCalendar, firstDate: string, days: number, offsetMinutes: number): Oracle {
  const seconds = days * DAY
  const open = new Uint8Array(seconds)
  const before = new Float64Array(seconds + 1)
  const midnight = Date.parse(`${firstDate}T00:00:00Z`)
  const startAt = midnight - offsetMinutes * 60_000
  let yesterday = hoursOfDate(calendar, new Date(midnight - DAY * 1000))
  for (let day = 0; day < days; day += 1) {
    const today = hoursOfDate(calendar, new Date(midnight + day * DAY * 1000))
    for (let second = 0; second < DAY; second += 1) {
      let works = false
      for (const { fromSecond, toSecond } of today) if (second >= fromSecond && second < toSecond) works = true
      for (const { fromSecond, toSecond } of yesterday) if (second + DAY >= fromSecond && second + DAY < toSecond) works = true
      const at = day * DAY + second
      open[at] = works ? 1 : 0
      before[at + 1] = (before[at] ?? 0) + (works ? 1 : 0)
    }
    yesterday = today
  }
  return {
    workedMs(at) {
      const second = Math.floor((at - startAt) / 1000)
      return (before[second] ?? 0) * 1000 + (open[second] ?? 0) * (at - startAt - second * 1000)
    },
    momentOf(workedMs) {
      // The first second at whose end enough has been worked; before[] never falls, so halving finds it.
      let [low, high] = [0, seconds]
      if ((before[seconds] ?? 0) * 1000 < workedMs) return null
      while (low < high) {
        const middle = Math.floor((low + high) / 2)
        if ((before[middle] ?? 0) * 1000 >= workedMs) high = middle
        else low = middle + 1
      }
      return low === 0 ? startAt : startAt + (low - 1) * 1000 + (workedMs - (before[low - 1] ?? 0) * 1000)
    },
  }
}
