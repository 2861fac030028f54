import type { CalendarDay, CalendarView, CalendarYear } from '../../common/contract/calendar.ts'
import type { LocalTime } from '../../common/time.ts'
import { type DayOverride, parseDate, type WorkTime, yearOf } from '../../engine/calendar/index.ts'
import { type CalendarDoc, DEFAULT_CALENDAR, type OfficialYearDoc } from '../../models/calendar/index.ts'
import type { Organisation } from '../people/organisation.ts'
import { writeHours, writeWeek } from './hours-text.ts'
import { officialYearsOf, workTimeOf } from './source.ts'

export const departmentRefs = (row: CalendarDoc, organisation: Organisation): { id: string; name: string }[] => {
  const names = new Map(organisation.departments().map(({ id, name }) => [id, name]))
  return row.departmentIds.map(id => ({ id, name: names.get(id) ?? '已撤销的部门' }))
}

function dayView(day: DayOverride, source: CalendarDay['source'], time: WorkTime): CalendarDay {
  return {
    date: day.date,
    kind: day.kind,
    ...(day.name && { name: day.name }),
    source,
    hours: writeHours(time.hoursOf(parseDate(day.date) ?? 0)),
  }
}

function yearView(year: number, row: CalendarDoc, official: OfficialYearDoc | undefined, time: WorkTime): CalendarYear {
  const isOf = ({ date }: DayOverride): boolean => yearOf(parseDate(date) ?? 0) === year
  const own = Object.values(row.days).filter(isOf)
  const replaced = new Set(own.map(({ date }) => date))
  const followed = row.followsOfficial ? (official?.days ?? []).filter(({ date }) => !replaced.has(date)) : []
  const days = [...followed.map(day => dayView(day, 'official', time)), ...own.map(day => dayView(day, 'own', time))]
  return {
    year,
    published: official !== undefined || !row.followsOfficial,
    source: official?.source ?? null,
    days: days.sort((a, b) => (a.date < b.date ? -1 : 1)),
  }
}

export function calendarView(
  row: CalendarDoc,
  years: readonly OfficialYearDoc[],
  shown: readonly number[],
  context: { organisation: Organisation; time: LocalTime; provisionalDeadlines: number },
): CalendarView {
  const time = workTimeOf(row, officialYearsOf(years), context.time)
  return {
    id: row._id,
    name: row.name,
    isDefault: row._id === DEFAULT_CALENDAR,
    timeZone: row.timeZone ?? null,
    revision: row.revision,
    week: writeWeek(row.week),
    followsOfficial: row.followsOfficial,
    departments: departmentRefs(row, context.organisation),
    years: shown.map(year =>
      yearView(
        year,
        row,
        years.find(({ _id }) => _id === String(year)),
        time,
      ),
    ),
    provisionalDeadlines: context.provisionalDeadlines,
  }
}
