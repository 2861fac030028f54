import type { ClientSession } from 'mongoose'
import type { CalendarChanged } from '../../common/contract/calendar.ts'
import { NotFoundError } from '../../common/errors.ts'
import type { CalendarDoc } from '../../models/calendar/index.ts'
import type { CommandOutcome } from '../kernel/command.ts'
import type { Services } from '../kernel/services.ts'
import { officialYearsOf, workTimeOf } from './source.ts'

/** Calendars changed: from here on deadlines are counted by the new ones, the open ones anew. */
export function calendarsChanged(services: Services): void {
  services.calendars.forget()
  services.poke('timers')
}

/**
 * The outcome of a change to one calendar. What comes out is checked before it is committed, so that no stored calendar is ever one that
 * nobody can count in.
 *
 * @param row as it is after the change; null: there is no such calendar
 * @throws `calendar.unknown`, `calendar.invalid` with every fault
 */
export async function checked(
  services: Services,
  row: CalendarDoc | null,
  session: ClientSession,
): Promise<CommandOutcome<CalendarChanged>> {
  if (!row) throw new NotFoundError('calendar.unknown', '没有找到这个工作日历。')
  workTimeOf(row, officialYearsOf(await services.models.calendars.allOfficialYears({ session })), services.time)
  return {
    result: { calendarId: row._id, revision: row.revision },
    subject: `calendar:${row._id}`,
    committed: () => calendarsChanged(services),
  }
}
