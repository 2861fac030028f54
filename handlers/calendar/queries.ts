import { z } from 'zod'
import { type CalendarList, type CalendarView, calendarGetInput } from '../../common/contract/calendar.ts'
import { NotFoundError } from '../../common/errors.ts'
import { DEFAULT_CALENDAR } from '../../models/calendar/index.ts'
import { defineQuery } from '../kernel/command.ts'
import { PLATFORM_NAMES } from '../kernel/services.ts'
import { calendarView, departmentRefs } from './view.ts'

/** All work calendars, and which department has which. */
export const calendarList = defineQuery({
  name: 'calendar.list',
  title: '工作日历',
  input: z.object({}),
  surfaces: ['admin'],
  async run({ services }): Promise<CalendarList> {
    const [rows, organisation] = await Promise.all([services.models.calendars.all(), services.organisation.current()])
    const calendarOf = new Map(rows.flatMap(row => row.departmentIds.map(id => [id, row._id] as const)))
    return {
      items: rows.map(row => ({
        id: row._id,
        name: row.name,
        isDefault: row._id === DEFAULT_CALENDAR,
        departments: departmentRefs(row, organisation),
      })),
      departments: organisation.departments().map(({ id, name, platform, parentId }) => ({
        id,
        name,
        platform: PLATFORM_NAMES[platform] ?? platform,
        parentId,
        calendarId: calendarOf.get(id) ?? null,
      })),
    }
  },
})

/** One calendar with the days of this year and the next. */
export const calendarGet = defineQuery({
  name: 'calendar.get',
  title: '工作日历',
  input: calendarGetInput,
  surfaces: ['admin'],
  async run({ services, now }, { calendarId, year = services.time.year(now) }): Promise<CalendarView> {
    const { calendars, timers } = services.models
    const [row, years, organisation, provisionalDeadlines] = await Promise.all([
      calendars.byId(calendarId),
      calendars.allOfficialYears(),
      services.organisation.current(),
      timers.countProvisional(calendarId),
    ])
    if (!row) throw new NotFoundError('calendar.unknown', '没有找到这个工作日历。')
    return calendarView(row, years, [year, year + 1], { organisation, time: services.time, provisionalDeadlines })
  },
})
