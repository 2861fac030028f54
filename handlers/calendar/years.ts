import { calendarLoadYearInput } from '../../common/contract/calendar.ts'
import { InvalidError, NotFoundError } from '../../common/errors.ts'
import { type DayOverride, parseDate, yearOf } from '../../engine/calendar/index.ts'
import type { OfficialYearDoc } from '../../models/calendar/index.ts'
import { defineCommand } from '../kernel/command.ts'
import type { Services } from '../kernel/services.ts'
import { calendarsChanged } from './edit.ts'
import { firstCalendar } from './first-calendar.ts'
import { readDay } from './hours-text.ts'
import { officialYear } from './official.ts'

/** Cases older than this are not measured any more. */
const YEARS_BACK = 2
const YEARS_AHEAD = 2

function checkYear(year: number, days: readonly DayOverride[]): void {
  const seen = new Set<string>()
  for (const { date } of days) {
    if (yearOf(parseDate(date) ?? 0) !== year) throw new InvalidError('calendar.other_year', `${date} 不在 ${year} 年。`)
    if (seen.has(date)) throw new InvalidError('calendar.same_day_twice', `${date} 写了两次。`)
    seen.add(date)
  }
}

/**
 * The official holidays and 补班 days of a year, for all calendars that follow them: from the list that the service brings along, or as the
 * admin has them from the notice. Open deadlines are counted anew.
 */
export const calendarLoadYear = defineCommand({
  name: 'calendar.loadYear',
  title: '导入放假安排',
  input: calendarLoadYearInput,
  surfaces: ['admin'],
  kind: 'transaction',
  async run({ services }, { year, days }, session) {
    const own = days?.map(readDay)
    if (own) checkYear(year, own)
    const found = own ?? officialYear(year)?.days
    if (!found) {
      throw new NotFoundError(
        'calendar.year_unpublished',
        `还没有 ${year} 年的放假安排。公布后请升级服务,或按通知逐日录入;在此之前按星期计算。`,
      )
    }
    const row: OfficialYearDoc = { _id: String(year), days: [...found], source: own ? 'admin' : 'package' }
    await services.models.calendars.saveOfficialYear(row, { session })
    return {
      result: { year, days: found.length },
      subject: `calendar-year:${year}`,
      committed: () => calendarsChanged(services),
    }
  },
})

/**
 * At the start: there is a company calendar, and it knows every year that the installed list knows. A list that came with an upgrade
 * replaces what an older one said, and never what an admin put in.
 */
export async function prepareCalendars(services: Services): Promise<void> {
  const { models, clock, time } = services
  const now = clock.now()
  await models.calendars.ensure(firstCalendar(new Date(now)))
  const stored = new Map((await models.calendars.allOfficialYears()).map(row => [row._id, row]))
  const thisYear = time.year(now)
  for (let year = thisYear - YEARS_BACK; year <= thisYear + YEARS_AHEAD; year += 1) {
    const official = officialYear(year)
    const known = stored.get(String(year))
    if (!official || known?.source === 'admin') continue
    if (known && JSON.stringify(known.days) === JSON.stringify(official.days)) continue
    const row: OfficialYearDoc = { _id: String(year), days: [...official.days], source: 'package' }
    await models.transaction(session => models.calendars.saveOfficialYear(row, { session }))
  }
  calendarsChanged(services)
}
