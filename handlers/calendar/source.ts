import type { Clock } from '../../common/clock.ts'
import { createLocalTime, type LocalTime } from '../../common/time.ts'
import { type OfficialYear, openCalendar, type WorkTime, withOfficialYears } from '../../engine/calendar/index.ts'
import { type CalendarDoc, DEFAULT_CALENDAR, type OfficialYearDoc } from '../../models/calendar/index.ts'
import type { Models } from '../../models/index.ts'
import { createSnapshot, type Snapshot } from '../kernel/snapshot.ts'
import type { Organisation } from '../people/organisation.ts'
import { firstCalendar } from './first-calendar.ts'

/** All calendars as of one moment. */
export interface Calendars {
  /** The company's own where there is none of that id any more. */
  byId(id: string): WorkTime
  /** The calendar of the nearest department that has one, else the company's. */
  ofPerson(organisation: Organisation, personId: string): WorkTime
  /** The calendar that these people share, else the company's. */
  ofPeople(organisation: Organisation, personIds: readonly string[]): WorkTime
  revisions(): { id: string; revision: number }[]
}

/** All calendars, at most a few seconds old. */
export type CalendarSource = Snapshot<Calendars>

export const officialYearsOf = (rows: readonly OfficialYearDoc[]): OfficialYear[] =>
  rows.map(row => ({ year: Number(row._id), days: row.days }))

/** One stored calendar, with the official years where it follows them, ready to count in. @throws InvalidError `calendar.invalid` */
export function workTimeOf(row: CalendarDoc, years: readonly OfficialYear[], businessTime: LocalTime): WorkTime {
  const own = { id: row._id, revision: row.revision, week: row.week, days: Object.values(row.days) }
  const calendar = row.followsOfficial ? withOfficialYears(own, years) : { ...own, publishedYears: 'every' as const }
  return openCalendar(calendar, row.timeZone ? createLocalTime(row.timeZone) : businessTime)
}

function createCalendars(rows: readonly CalendarDoc[], years: readonly OfficialYear[], businessTime: LocalTime): Calendars {
  const byId = new Map(rows.map(row => [row._id, workTimeOf(row, years, businessTime)]))
  const own = byId.get(DEFAULT_CALENDAR) ?? workTimeOf(firstCalendar(new Date(0)), years, businessTime)
  byId.set(DEFAULT_CALENDAR, own)
  const byDepartment = new Map(rows.flatMap(row => row.departmentIds.map(id => [id, row._id] as const)))
  const find = (id: string): WorkTime => byId.get(id) ?? own

  function ofPerson(organisation: Organisation, personId: string): WorkTime {
    for (const departmentId of organisation.departmentChain(personId)) {
      const calendarId = byDepartment.get(departmentId)
      const found = calendarId && byId.get(calendarId)
      if (found) return found
    }
    return own
  }

  return {
    byId: find,
    ofPerson,
    ofPeople(organisation, personIds) {
      const [first, ...others] = personIds.map(id => ofPerson(organisation, id))
      return first && others.every(other => other === first) ? first : own
    },
    revisions: () => [...byId].map(([id, { calendar }]) => ({ id, revision: calendar.revision })),
  }
}

/** Keeps one snapshot of the calendars. */
export function createCalendarSource(models: Models, options: { time: LocalTime; clock: Clock }): CalendarSource {
  return createSnapshot(async () => {
    const [rows, years] = await Promise.all([models.calendars.all(), models.calendars.allOfficialYears()])
    return createCalendars(rows, officialYearsOf(years), options.time)
  }, options.clock)
}
