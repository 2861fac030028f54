import { type Fault, faultPath } from '../fault.ts'
import type { WorkCalendar } from './definition.ts'
import type { Hours } from './hours.ts'
import { WEEKDAYS } from './local-day.ts'

/**
 * Every fault of a calendar that parses; none when deadlines can be counted in it. Codes: `calendar.no_working_time`,
 * `calendar.overlapping_hours`, `calendar.same_day_twice`, `calendar.like_a_day_off`.
 */
export function checkCalendar(calendar: Pick<WorkCalendar, 'week' | 'days'>): Fault[] {
  return [...checkWeek(calendar), ...checkDays(calendar)]
}

function checkWeek({ week }: Pick<WorkCalendar, 'week'>): Fault[] {
  const overlaps = WEEKDAYS.flatMap(day => checkHours(week[day], faultPath('week', day)))
  const isEmpty = WEEKDAYS.every(day => week[day].length === 0)
  return isEmpty
    ? [{ path: 'week', code: 'calendar.no_working_time', message: '一周里没有任何工作时间,期限无法计算' }, ...overlaps]
    : overlaps
}

function checkDays({ week, days }: Pick<WorkCalendar, 'week' | 'days'>): Fault[] {
  const seen = new Set<string>()
  return days.flatMap((day, index) => {
    const path = faultPath('days', index)
    const faults: Fault[] = []
    if (seen.has(day.date)) faults.push({ path, code: 'calendar.same_day_twice', message: `${day.date} 设置了两次` })
    seen.add(day.date)
    if (day.kind !== 'workday') return faults
    if (day.hours) return [...faults, ...checkHours(day.hours, faultPath(path, 'hours'))]
    if (day.like && week[day.like].length === 0) {
      faults.push({
        path: faultPath(path, 'like'),
        code: 'calendar.like_a_day_off',
        message: `${day.date} 参照的那一天没有工作时间`,
      })
    }
    return faults
  })
}

function checkHours(ranges: readonly Hours[], path: string): Fault[] {
  const sorted = [...ranges].sort((a, b) => a.fromSecond - b.fromSecond)
  const overlaps = sorted.some((range, index) => range.fromSecond < (sorted[index - 1]?.toSecond ?? 0))
  return overlaps ? [{ path, code: 'calendar.overlapping_hours', message: '同一天的两段工作时间重叠' }] : []
}
