export { createCalendars, DEFAULT_CALENDAR } from './queries.ts'
export type { CalendarDoc, OfficialYearDoc } from './schema.ts'
