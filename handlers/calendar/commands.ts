import type { ClientSession } from 'mongoose'
import {
  calendarCreateInput,
  calendarRemoveDayInput,
  calendarRemoveInput,
  calendarSetDayInput,
  calendarSetWeekInput,
  calendarUpdateInput,
} from '../../common/contract/calendar.ts'
import { ConflictError, InvalidError, NotFoundError } from '../../common/errors.ts'
import { DEFAULT_CALENDAR } from '../../models/calendar/index.ts'
import { defineCommand } from '../kernel/command.ts'
import type { Services } from '../kernel/services.ts'
import { calendarsChanged, checked } from './edit.ts'
import { firstCalendar } from './first-calendar.ts'
import { readDay, readWeek } from './hours-text.ts'

/** Two calendars for one department would be a guess. Rivals meet here, so that the second one sees the first. */
async function requireFree(
  services: Services,
  calendarId: string,
  departmentIds: readonly string[],
  session: ClientSession,
): Promise<void> {
  const { calendars, reservations } = services.models
  await reservations.meet('calendar:departments', { session })
  const organisation = await services.organisation.current()
  const known = new Map(organisation.departments().map(({ id, name }) => [id, name]))
  for (const other of await calendars.all({ session })) {
    const shared = other._id === calendarId ? undefined : departmentIds.find(id => other.departmentIds.includes(id))
    if (shared === undefined) continue
    const department = known.get(shared) ?? '这个部门'
    throw new ConflictError('calendar.department_taken', `${department} 已经使用"${other.name}",请先从那里移除。`)
  }
  if (departmentIds.some(id => !known.has(id))) throw new NotFoundError('department.unknown', '没有找到这个部门。')
}

function requireTimeZone(name: string): void {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name })
  } catch {
    throw new InvalidError('calendar.bad_time_zone', `没有 ${name} 这个时区,请写成 Asia/Shanghai 的样子。`)
  }
}

/** A calendar for some departments. */
export const calendarCreate = defineCommand({
  name: 'calendar.create',
  title: '新建工作日历',
  input: calendarCreateInput,
  surfaces: ['admin'],
  kind: 'transaction',
  async run({ services, id, now }, { name, departmentIds }, session) {
    const { calendars } = services.models
    const calendarId = id('calendar')
    await requireFree(services, calendarId, departmentIds, session)
    const company = (await calendars.byId(DEFAULT_CALENDAR, { session })) ?? firstCalendar(new Date(now))
    await calendars.ensure(
      { ...company, _id: calendarId, revision: 0, name, departmentIds: [...new Set(departmentIds)], createdAt: new Date(now) },
      { session },
    )
    await calendars.touchAll({ session })
    return checked(services, await calendars.byId(calendarId, { session }), session)
  },
})

/** Name, departments, time zone, and whether official holidays hold. */
export const calendarUpdate = defineCommand({
  name: 'calendar.update',
  title: '设置工作日历',
  input: calendarUpdateInput,
  surfaces: ['admin'],
  kind: 'transaction',
  async run({ services }, { calendarId, departmentIds, timeZone, name, followsOfficial }, session) {
    const { calendars } = services.models
    if (timeZone) requireTimeZone(timeZone)
    if (departmentIds) {
      await requireFree(services, calendarId, departmentIds, session)
      await calendars.touchAll({ session })
    }
    const set = {
      ...(name && { name }),
      ...(departmentIds && { departmentIds: [...new Set(departmentIds)] }),
      ...(followsOfficial !== undefined && { followsOfficial }),
    }
    return checked(services, await calendars.change(calendarId, set, timeZone, { session }), session)
  },
})

/** Its departments go by the calendar above them again, and so do their open deadlines. */
export const calendarRemove = defineCommand({
  name: 'calendar.remove',
  title: '删除工作日历',
  input: calendarRemoveInput,
  surfaces: ['admin'],
  kind: 'transaction',
  async run({ services }, { calendarId }, session) {
    if (calendarId === DEFAULT_CALENDAR) throw new ConflictError('calendar.is_default', '公司日历不能删除。')
    if (!(await services.models.calendars.remove(calendarId, { session })))
      throw new NotFoundError('calendar.unknown', '没有找到这个工作日历。')
    return { result: { calendarId }, subject: `calendar:${calendarId}`, committed: () => calendarsChanged(services) }
  },
})

/** The hours of each weekday. */
export const calendarSetWeek = defineCommand({
  name: 'calendar.setWeek',
  title: '设置每周工作时间',
  input: calendarSetWeekInput,
  surfaces: ['admin'],
  kind: 'transaction',
  async run({ services }, { calendarId, week }, session) {
    const set = { week: readWeek(week) }
    return checked(services, await services.models.calendars.change(calendarId, set, undefined, { session }), session)
  },
})

/** One day that differs. It beats what the official holidays say about that date. */
export const calendarSetDay = defineCommand({
  name: 'calendar.setDay',
  title: '设置特殊日期',
  input: calendarSetDayInput,
  surfaces: ['admin'],
  kind: 'transaction',
  async run({ services }, { calendarId, ...input }, session) {
    return checked(services, await services.models.calendars.setDay(calendarId, readDay(input), { session }), session)
  },
})

/** The date is again what the official holidays, or else the week, say. */
export const calendarRemoveDay = defineCommand({
  name: 'calendar.removeDay',
  title: '取消特殊日期',
  input: calendarRemoveDayInput,
  surfaces: ['admin'],
  kind: 'transaction',
  async run({ services }, { calendarId, date }, session) {
    const { calendars } = services.models
    const row = (await calendars.removeDay(calendarId, date, { session })) ?? (await calendars.byId(calendarId, { session }))
    return checked(services, row, session)
  },
})
