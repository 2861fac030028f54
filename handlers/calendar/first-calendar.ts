import { OFFICE_WEEK } from '../../engine/calendar/index.ts'
import { type CalendarDoc, DEFAULT_CALENDAR } from '../../models/calendar/index.ts'

/** What a company begins with: office hours on weekdays, official holidays, for everybody. */
export const firstCalendar = (createdAt: Date): CalendarDoc => ({
  _id: DEFAULT_CALENDAR,
  name: '公司日历',
  revision: 1,
  week: OFFICE_WEEK,
  days: {},
  followsOfficial: true,
  departmentIds: [],
  createdAt,
})
