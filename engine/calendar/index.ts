export { checkCalendar } from './check.ts'
export { addWorking, addWorkingMs, elapsedWorking, elapsedWorkingMs, isWorking, nextWorking } from './count.ts'
export { deadlineOf, pause, recompute, resume, startCount, usesUnpublishedYear, type WorkingCount } from './deadline.ts'
export {
  type DayOverride,
  dateText,
  dayOverride,
  OFFICE_WEEK,
  type WorkCalendar,
  type WorkWeek,
  workCalendar,
  workWeek,
} from './definition.ts'
export { formatClock, type Hours, hours, parseClock, parseHours } from './hours.ts'
export { dateOf, dayAt, type LocalDay, parseDate, WEEKDAYS, type Weekday, weekdayOf, yearOf } from './local-day.ts'
export { type OfficialYear, withOfficialYears } from './official.ts'
export type { TimeoutEvent, TimerEffect } from './timer-effect.ts'
export { type Interval, openCalendar, type WorkTime, workingFrom } from './work-time.ts'
export { fixedZone, momentAt, wallAt, type Zone } from './zone.ts'
