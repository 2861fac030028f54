export {
  calendarCreate,
  calendarRemove,
  calendarRemoveDay,
  calendarSetDay,
  calendarSetWeek,
  calendarUpdate,
} from './commands.ts'
export { followTimers, processTimers } from './process-timers.ts'
export { calendarGet, calendarList } from './queries.ts'
export { type CalendarSource, type Calendars, createCalendarSource } from './source.ts'
export { cancelTimers, fireTimer, recountTimers, setTimers, type TimerRequest } from './timers.ts'
export { calendarLoadYear, prepareCalendars } from './years.ts'
