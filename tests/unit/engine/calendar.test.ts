import { describe, expect, test } from '@jest/globals'
import { createLocalTime } from '../../../common/time.ts'
import {
  addWorking,
  checkCalendar,
  type DayOverride,
  deadlineOf,
  elapsedWorking,
  fixedZone,
  formatClock,
  isWorking,
  nextWorking,
  OFFICE_WEEK,
  openCalendar,
  parseHours,
  pause,
  recompute,
  resume,
  startCount,
  usesUnpublishedYear,
  type WorkCalendar,
  type WorkTime,
  type WorkWeek,
  withOfficialYears,
  workCalendar,
  workingFrom,
} from '../../../engine/calendar/index.ts'

const base: Omit<WorkCalendar, 'publishedYears'> = {
  id: 'office',
  revision: 1,
  week: OFFICE_WEEK,
  days: [],
}
const official2026: DayOverride[] = [
  { date: '2026-02-14', kind: 'workday', name: '春节' },
  ...[15, 16, 17, 18, 19, 20, 21, 22, 23].map((day): DayOverride => ({ date: `2026-02-${day}`, kind: 'holiday', name: '春节' })),
  { date: '2026-02-28', kind: 'workday', name: '春节' },
]
const shanghai = fixedZone(8 * 60)
const office = (change: Partial<WorkCalendar> = {}): WorkTime =>
  openCalendar({ ...base, publishedYears: [2025, 2026], ...change }, shanghai)
const nobody: WorkWeek = { monday: [], tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [], sunday: [] }

/** A moment as the clock on the wall shows it: `2026-11-23 09:00:00`. */
const at = (text: string): number => Date.parse(`${text.replace(' ', 'T')}${text.length === 16 ? ':00' : ''}+08:00`)
const shown = (moment: number): string => new Date(moment + 8 * 3_600_000).toISOString().replace('T', ' ').slice(0, 19)
const add = (time: WorkTime, start: string, seconds: number): string => shown(addWorking(time, at(start), seconds))
const HOUR = 3600

describe('adding working time', () => {
  const time = office()

  test.each([
    ['within a morning', '2026-11-23 09:30', HOUR, '2026-11-23 10:30:00'],
    ['over lunch', '2026-11-23 11:30', HOUR, '2026-11-23 13:30:00'],
    ['until exactly lunch: due at lunch, not after it', '2026-11-23 11:00', HOUR, '2026-11-23 12:00:00'],
    ['until exactly closing time: due then, not the next morning', '2026-11-23 17:00', HOUR, '2026-11-23 18:00:00'],
    ['one second past closing time: the next morning', '2026-11-23 17:00', HOUR + 1, '2026-11-24 09:00:01'],
    ['from the evening', '2026-11-23 20:00', HOUR, '2026-11-24 10:00:00'],
    ['over a weekend', '2026-11-20 17:30', HOUR, '2026-11-23 09:30:00'],
    ['one whole day', '2026-11-23 09:00', 8 * HOUR, '2026-11-23 18:00:00'],
    ['no time at all', '2026-11-22 03:00', 0, '2026-11-22 03:00:00'],
  ])('%s', (_, start, seconds, due) => {
    expect(add(time, start, seconds)).toBe(due)
  })

  test('to the second: 60:00 and 60:01 of one working hour', () => {
    expect(add(time, '2026-11-23 14:12', 3600)).toBe('2026-11-23 15:12:00')
    expect(add(time, '2026-11-23 14:12', 3601)).toBe('2026-11-23 15:12:01')
  })

  test('milliseconds of the start are kept', () => {
    expect(addWorking(time, at('2026-11-23 10:00') + 250, 90 * 60)).toBe(at('2026-11-23 11:30') + 250)
    expect(addWorking(time, at('2026-11-23 11:59') + 999, 60)).toBe(at('2026-11-23 13:00') + 999)
  })

  test('an end that no calendar reaches is refused and not searched for ever', () => {
    expect(() => addWorking(time, at('2026-11-23 09:00'), 10 ** 12)).toThrow('二十年')
    expect(() => elapsedWorking(time, 0, 8.64e15)).toThrow('二十年')
    expect(() =>
      nextWorking(openCalendar({ ...base, week: { ...nobody, monday: [] }, publishedYears: [] }, shanghai), 0),
    ).toThrow('工作日历有误')
  })
})

describe('passed working time', () => {
  test('opening time belongs to it, closing time does not', () => {
    const time = office()
    expect(isWorking(time, at('2026-11-23 09:00'))).toBe(true)
    expect(isWorking(time, at('2026-11-23 09:00') - 1)).toBe(false)
    expect(isWorking(time, at('2026-11-23 12:00') - 1)).toBe(true)
    expect(isWorking(time, at('2026-11-23 12:00'))).toBe(false)
    expect(shown(nextWorking(time, at('2026-11-23 12:00')))).toBe('2026-11-23 13:00:00')
  })

  test('a span backwards holds none', () => {
    expect(elapsedWorking(office(), at('2026-11-23 11:00'), at('2026-11-23 10:00'))).toBe(0)
  })

  test('a ticket handed in over a whole year', () => {
    // 2025 has 261 weekdays of 8 hours.
    expect(elapsedWorking(office(), at('2025-01-01 00:00'), at('2026-01-01 00:00'))).toBe(261 * 8 * HOUR)
  })
})

describe('days that differ', () => {
  const time = office({ days: official2026 })

  test('a 补班 Saturday counts like the first day of the week with hours', () => {
    expect(add(time, '2026-02-13 17:30', HOUR)).toBe('2026-02-14 09:30:00')
  })

  test('a holiday is skipped, and the 补班 day after it is not', () => {
    expect(add(time, '2026-02-14 17:30', HOUR)).toBe('2026-02-24 09:30:00')
    expect(add(time, '2026-02-27 17:30', HOUR)).toBe('2026-02-28 09:30:00')
  })

  test('a 补班 day may have the hours of another weekday or its own', () => {
    const week: WorkWeek = { ...OFFICE_WEEK, friday: [{ fromSecond: 9 * HOUR, toSecond: 12 * HOUR }] }
    const like = office({ week, days: [{ date: '2026-11-28', kind: 'workday', like: 'friday' }] })
    expect(add(like, '2026-11-28 09:00', 3 * HOUR)).toBe('2026-11-28 12:00:00')
    expect(add(like, '2026-11-28 09:00', 3 * HOUR + 1)).toBe('2026-11-30 09:00:01')
    const own = office({ days: [{ date: '2026-11-28', kind: 'workday', hours: [{ fromSecond: 27_000, toSecond: 34_200 }] }] })
    expect(add(own, '2026-11-27 18:00', HOUR)).toBe('2026-11-28 08:30:00')
  })

  test('a half day ends or begins at noon', () => {
    const morning = office({ days: [{ date: '2026-12-31', kind: 'half', works: 'morning' }], publishedYears: [2026] })
    expect(add(morning, '2026-12-31 11:00', 2 * HOUR)).toBe('2027-01-01 10:00:00')
    const afternoon = office({ days: [{ date: '2026-11-23', kind: 'half', works: 'afternoon' }] })
    expect(add(afternoon, '2026-11-23 08:00', HOUR)).toBe('2026-11-23 14:00:00')
  })

  test('an own day beats the official one', () => {
    const laid = withOfficialYears({ ...base, days: [{ date: '2026-02-16', kind: 'weekly' }] }, [
      { year: 2026, days: official2026 },
    ])
    expect(laid.publishedYears).toEqual([2026])
    expect(add(openCalendar(laid, shanghai), '2026-02-14 17:30', HOUR)).toBe('2026-02-16 09:30:00')
  })
})

describe('shifts', () => {
  const night = parseHours('22:00', '06:00')
  const week: WorkWeek = { ...nobody, monday: night ? [night] : [], friday: night ? [night] : [] }

  test('a shift past midnight belongs to the day on which it begins', () => {
    const time = office({ week })
    expect(add(time, '2026-11-23 23:00', 2 * HOUR)).toBe('2026-11-24 01:00:00')
    expect(add(time, '2026-11-24 05:00', 2 * HOUR)).toBe('2026-11-27 23:00:00')
    expect(isWorking(time, at('2026-11-23 03:00'))).toBe(false)
  })

  test('a holiday cancels the shift that begins on it, and not the rest of yesterday’s', () => {
    const time = office({ week: { ...week, tuesday: week.monday }, days: [{ date: '2026-11-24', kind: 'holiday' }] })
    expect(isWorking(time, at('2026-11-24 05:59'))).toBe(true)
    expect(isWorking(time, at('2026-11-24 22:30'))).toBe(false)
    expect(isWorking(time, at('2026-11-25 01:00'))).toBe(false)
  })

  test('a night shift that runs into the early shift is counted once', () => {
    const early = { fromSecond: 5 * HOUR, toSecond: 13 * HOUR }
    const time = office({ week: { ...week, tuesday: [early] } })
    expect(elapsedWorking(time, at('2026-11-23 22:00'), at('2026-11-24 13:00'))).toBe(15 * HOUR)
  })

  test('shifts that follow one another are one stretch of working time', () => {
    const shift = (from: number) => ({ fromSecond: from * HOUR, toSecond: (from + 8) * HOUR })
    const time = office({ week: { ...nobody, monday: [shift(7), shift(15), shift(23)] } })
    expect(workingFrom(time, at('2026-11-23 00:00')).next().value).toEqual({
      startAt: at('2026-11-23 07:00'),
      endAt: at('2026-11-24 07:00'),
    })
  })

  test('hours are read and shown as on a clock', () => {
    expect(parseHours('7:30', '15:30')).toEqual({ fromSecond: 27_000, toSecond: 55_800 })
    expect(parseHours('18:00', '24:00')).toEqual({ fromSecond: 64_800, toSecond: 86_400 })
    expect([night?.toSecond, formatClock(night?.toSecond ?? 0), formatClock(86_400), formatClock(30_630)]).toEqual([
      108_000,
      '06:00',
      '24:00',
      '08:30:30',
    ])
    expect([parseHours('25:00', '26:00'), parseHours('9', '12:00'), parseHours('09:00', '09:00')]).toEqual([null, null, null])
  })
})

describe('clocks that change', () => {
  const week: WorkWeek = {
    ...nobody,
    sunday: [{ fromSecond: HOUR, toSecond: 2.5 * HOUR }],
    saturday: [{ fromSecond: 22 * HOUR, toSecond: 30 * HOUR }],
  }
  const time = openCalendar({ ...base, week, publishedYears: [] }, createLocalTime('America/New_York'))

  test('an hour that is skipped is not worked', () => {
    // 2026-03-08: 02:00 EST becomes 03:00 EDT; Saturday's night shift lasts seven hours.
    const midnight = Date.parse('2026-03-07T22:00:00-05:00')
    expect(elapsedWorking(time, midnight, midnight + 86_400_000)).toBe(7 * HOUR)
  })

  test('a range that ends in a skipped hour ends when the clocks jump', () => {
    const sundays = openCalendar(
      { ...base, week: { ...week, saturday: [] }, publishedYears: [] },
      createLocalTime('America/New_York'),
    )
    const midnight = Date.parse('2026-03-08T00:00:00-05:00')
    expect(elapsedWorking(sundays, midnight, midnight + 86_400_000)).toBe(HOUR)
    expect(addWorking(sundays, midnight, HOUR)).toBe(Date.parse('2026-03-08T03:00:00-04:00'))
  })

  test('an hour that comes twice is worked twice', () => {
    // 2026-11-01: 02:00 EDT becomes 01:00 EST.
    const begin = Date.parse('2026-10-31T22:00:00-04:00')
    expect(elapsedWorking(time, begin, begin + 86_400_000)).toBe(9 * HOUR)
  })
})

describe('a calendar is checked before it is used', () => {
  const codes = (change: Partial<WorkCalendar>): string[] => checkCalendar({ ...base, ...change }).map(({ code }) => code)

  test('every fault is named', () => {
    expect(codes({})).toEqual([])
    expect(codes({ week: nobody })).toEqual(['calendar.no_working_time'])
    expect(
      codes({
        week: {
          ...OFFICE_WEEK,
          monday: [
            { fromSecond: 13 * HOUR, toSecond: 18 * HOUR },
            { fromSecond: 9 * HOUR, toSecond: 13 * HOUR + 1 },
          ],
        },
      }),
    ).toEqual(['calendar.overlapping_hours'])
    expect(
      codes({
        days: [
          { date: '2026-11-28', kind: 'workday', like: 'sunday' },
          { date: '2026-11-28', kind: 'holiday' },
        ],
      }),
    ).toEqual(['calendar.like_a_day_off', 'calendar.same_day_twice'])
  })

  test('what is no calendar does not parse', () => {
    const parses = (change: object): boolean => workCalendar.safeParse({ ...base, publishedYears: [], ...change }).success
    expect(parses({})).toBe(true)
    expect(parses({ days: [{ date: '2026-02-30', kind: 'holiday' }] })).toBe(false)
    expect(parses({ days: [{ date: '2026-2-3', kind: 'holiday' }] })).toBe(false)
    expect(parses({ days: [{ date: '2026-02-03', kind: 'workday', hours: [] }] })).toBe(false)
    expect(parses({ week: { ...OFFICE_WEEK, monday: [{ fromSecond: 9.5, toSecond: 10 }] } })).toBe(false)
    expect(parses({ week: { ...OFFICE_WEEK, monday: [{ fromSecond: 10, toSecond: 10 }] } })).toBe(false)
    expect(parses({ week: { ...OFFICE_WEEK, monday: [{ fromSecond: 10, toSecond: 86_411 }] } })).toBe(false)
  })
})

describe('pause, resume, and a calendar that changes', () => {
  test('what was used up before a pause counts, the pause does not', () => {
    const time = office()
    const paused = pause(time, startCount(time, at('2026-11-23 09:00')), at('2026-11-23 11:00'))
    expect(deadlineOf(time, paused, 4 * HOUR)).toBeNull()
    expect(pause(time, paused, at('2026-11-24 11:00'))).toEqual(paused)
    const running = resume(time, paused, at('2026-11-25 09:00'))
    expect(resume(time, running, at('2026-11-26 09:00'))).toEqual(running)
    expect(shown(deadlineOf(time, running, 4 * HOUR) ?? 0)).toBe('2026-11-25 11:00:00')
  })

  test('a holiday that becomes known moves an open deadline; one without the mark did not need it', () => {
    const before = office({ publishedYears: [2026] })
    const count = startCount(before, at('2026-12-31 17:00'))
    const due = deadlineOf(before, count, 2 * HOUR) ?? 0
    expect(shown(due)).toBe('2027-01-01 10:00:00')
    expect(usesUnpublishedYear(before, at('2026-12-31 17:00'), due)).toBe(true)
    expect(usesUnpublishedYear(before, at('2026-12-30 17:00'), at('2026-12-31 18:00'))).toBe(false)

    const after = office({ revision: 2, publishedYears: [2026, 2027], days: [{ date: '2027-01-01', kind: 'holiday' }] })
    const again = recompute(after, count)
    expect(again.calendarRevision).toBe(2)
    const dueAgain = deadlineOf(after, again, 2 * HOUR) ?? 0
    expect(shown(dueAgain)).toBe('2027-01-04 10:00:00')
    expect(usesUnpublishedYear(after, at('2026-12-31 17:00'), dueAgain)).toBe(false)
  })
})
