import { afterEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type CalendarView, calendarSetDayInput, type HoursText } from '../../../common/contract/calendar.ts'
import { checkCalendar, OFFICE_WEEK, parseHours } from '../../../engine/calendar/index.ts'
import { readDay } from '../../../handlers/calendar/hours-text.ts'
import { dateOf, endOfDate, startOfDate } from '../../../miniapp/src/kernel/dates.ts'
import { formatWhen, setTimeZone } from '../../../miniapp/src/kernel/time.ts'
import { choiceFault, choiceOf, type DayChoice, dayInput } from '../../../miniapp/src/pages/calendar/day-choice.ts'
import { inTreeOrder } from '../../../miniapp/src/pages/calendar/departments.ts'
import { dayLabel, shownDay, spansOf, weekdayOf, weeksOf } from '../../../miniapp/src/pages/calendar/month.ts'
import { asTyped, hoursFault, hoursWords, weekTotal, weekWords } from '../../../miniapp/src/pages/calendar/week.ts'
import { spanWords } from '../../../miniapp/src/pages/delegations/span-words.ts'
import { companyCalendar, teamCalendar } from '../../support/miniapp-upkeep.ts'

const clock = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '30')).map(([hour, minute]) => {
  return `${String(hour).padStart(2, '0')}:${minute}`
})
const range: fc.Arbitrary<HoursText> = fc.record({ from: clock, to: clock })
const dates = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2035-12-31'), noInvalidDate: true })
  .map(date => date.toISOString().slice(0, 10))

/** What the service says of the hours of one day. */
function isTaken(ranges: readonly HoursText[]): boolean {
  const read = ranges.map(({ from, to }) => parseHours(from, to))
  const hours = read.flatMap(each => (each ? [each] : []))
  return hours.length === read.length && checkCalendar({ week: { ...OFFICE_WEEK, monday: hours }, days: [] }).length === 0
}

describe('hours of a day', () => {
  test('the page refuses exactly what the service would refuse', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 5 }), ranges => {
        expect(hoursFault(ranges) === null).toBe(isTaken(ranges))
      }),
    )
  })

  test('an unfinished or thirteenth range is named', () => {
    expect(hoursFault([{ from: '09:00', to: '' }])).toBe('请把每一段的起止时间填完整')
    expect(hoursFault(Array.from({ length: 13 }, () => ({ from: '09:00', to: '10:00' })))).toBe('一天最多 12 段')
  })

  test.each([
    [[], '休息'],
    [[{ from: '09:00', to: '12:00' }], '09:00–12:00'],
    [[{ from: '22:00', to: '06:00' }], '22:00–次日 06:00'],
    [[{ from: '18:00', to: '00:00' }], '18:00–24:00'],
    [[{ from: '18:00', to: '24:00' }], '18:00–24:00'],
  ])('%j reads %s', (ranges, words) => {
    expect(hoursWords(ranges)).toBe(words)
  })

  test('the end of the day is 00:00 in a time input, and means the same', () => {
    const typed = asTyped([{ from: '18:00', to: '24:00' }])
    expect(typed).toEqual([{ from: '18:00', to: '00:00' }])
    expect(parseHours('18:00', '00:00')).toEqual(parseHours('18:00', '24:00'))
  })
})

describe('a week', () => {
  test('neighbours with the same hours are one line, and the sum is told', () => {
    expect(weekWords(companyCalendar().week).map(({ days, hours }) => `${days} ${hours}`)).toEqual([
      '周一至周五 09:00–12:00、13:00–18:00',
      '周六至周日 休息',
    ])
    expect(weekWords(teamCalendar().week).map(({ days }) => days)).toEqual(['周一至周六', '周日'])
    expect([weekTotal(companyCalendar().week), weekTotal(teamCalendar().week)]).toEqual([40, 48])
  })
})

describe('a month', () => {
  test('every date stands once, under its weekday', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2000, max: 2100 }), fc.integer({ min: 1, max: 12 }), (year, month) => {
        const weeks = weeksOf(year, month)
        const found = weeks.flat().filter(date => date !== null)
        expect(found).toHaveLength(new Date(Date.UTC(year, month, 0)).getUTCDate())
        expect(new Set(found).size).toBe(found.length)
        for (const week of weeks) {
          expect(week).toHaveLength(7)
          week.forEach((date, place) => {
            if (date) expect((new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7).toBe(place)
          })
        }
      }),
    )
  })

  test('a holiday, a 补班 day and days set by the company each have their own word', () => {
    const calendar = companyCalendar()
    const words = ['2026-10-01', '2026-10-10', '2026-11-06', '2026-11-13', '2026-11-14', '2026-11-15', '2026-11-16']
    expect(words.map(date => shownDay(calendar, date).word)).toEqual(['休', '班', '半天', '放假', '上班', '', ''])
    expect(dayLabel(shownDay(calendar, '2026-10-10'))).toBe('10月10日 周六,国庆节,调休补班,09:00–12:00、13:00–18:00')
  })

  test('neighbours of one kind and name are told as one stretch', () => {
    expect(spansOf(companyCalendar(), 2026, 10).map(({ days, text }) => `${days} ${text}`)).toEqual([
      '10-01 至 10-03 国庆节 · 法定节假日',
      '10-04 至 10-07 中秋节 · 法定节假日',
      '10-10 国庆节 · 调休补班 · 09:00–12:00、13:00–18:00',
    ])
  })
})

describe('setting one day', () => {
  const choice: fc.Arbitrary<DayChoice> = fc.record({
    kind: fc.constantFrom('off', 'work', 'morning', 'afternoon'),
    hours: fc.array(range, { maxLength: 3 }),
    name: fc.constantFrom('', ' 司庆 '),
  })

  test('whatever passes the page’s check is taken by the service', () => {
    fc.assert(
      fc.property(dates, choice, fc.constantFrom(companyCalendar(), teamCalendar()), (date, chosen, calendar) => {
        if (choiceFault(chosen) !== null) return
        const { calendarId, ...day } = calendarSetDayInput.parse(dayInput(calendar, date, chosen))
        expect(calendarId).toBe(calendar.id)
        expect(readDay(day).date).toBe(date)
      }),
    )
  })

  test('上班 means the week’s hours on a weekday, and usual ones on a weekly day off', () => {
    const calendar = companyCalendar()
    const working: DayChoice = { kind: 'work', hours: [], name: '' }
    expect(dayInput(calendar, '2026-10-01', working)).toEqual({ calendarId: 'default', date: '2026-10-01', kind: 'weekly' })
    expect(dayInput(calendar, '2026-11-28', working)).toEqual({ calendarId: 'default', date: '2026-11-28', kind: 'workday' })
  })

  test('the sheet begins with what the day is; usual hours are not fixed to it', () => {
    const calendar: CalendarView = companyCalendar()
    const choiceAt = (date: string) => choiceOf(calendar, shownDay(calendar, date))
    expect(choiceAt('2026-11-06')).toEqual({ kind: 'morning', hours: [], name: '司庆' })
    expect(choiceAt('2026-11-14')).toEqual({ kind: 'work', hours: [], name: '' })
    expect(choiceAt('2026-10-02').kind).toBe('off')
    expect(weekdayOf('2026-11-14')).toBe('saturday')
  })
})

test('departments stand below their parents; a circle and an unknown parent lose nobody', () => {
  const department = (id: string, parentId: string | null) => ({ id, name: id, platform: '钉钉', parentId, calendarId: null })
  const ordered = inTreeOrder([
    department('b', 'a'),
    department('a', null),
    department('c', 'gone'),
    department('x', 'y'),
    department('y', 'x'),
    department('d', 'b'),
  ])
  expect(ordered.map(({ id, depth }) => `${id}${depth}`)).toEqual(['a0', 'b1', 'd2', 'c0', 'x0', 'y0'])
})

test('a date begins and ends at the company’s midnight', () => {
  expect(startOfDate('2026-11-24')).toBe(Date.parse('2026-11-24T00:00:00+08:00'))
  expect(endOfDate('2026-11-27')).toBe(Date.parse('2026-11-28T00:00:00+08:00'))
  expect([dateOf(Date.parse('2026-11-22T23:59:59+08:00')), dateOf(Date.parse('2027-01-01T00:00:00+08:00'))]).toEqual([
    '2026-11-22',
    '2027-01-01',
  ])
})

describe('in the company’s own zone', () => {
  afterEach(() => setTimeZone('Asia/Shanghai'))

  test.each([
    ['Asia/Urumqi', '2026-11-24', '2026-11-24T00:00:00+06:00', '2026-11-25T00:00:00+06:00'],
    ['America/New_York', '2026-03-08', '2026-03-08T00:00:00-05:00', '2026-03-09T00:00:00-04:00'],
    ['America/New_York', '2026-11-01', '2026-11-01T00:00:00-04:00', '2026-11-02T00:00:00-05:00'],
    // At noon UTC it is the next day already.
    ['Pacific/Auckland', '2026-12-01', '2026-12-01T00:00:00+13:00', '2026-12-02T00:00:00+13:00'],
    // This day has no midnight, and the other one has two.
    ['Africa/Cairo', '2026-04-24', '2026-04-23T22:00:00Z', '2026-04-24T21:00:00Z'],
    ['America/Havana', '2026-11-01', '2026-11-01T00:00:00-04:00', '2026-11-02T00:00:00-05:00'],
  ])('%s: %s begins at %s and is over at %s', (zone, date, begins, over) => {
    setTimeZone(zone)
    expect([startOfDate(date), endOfDate(date)]).toEqual([Date.parse(begins), Date.parse(over)])
    expect([dateOf(startOfDate(date)), dateOf(endOfDate(date) - 1)]).toEqual([date, date])
  })

  test('times and days are told by it', () => {
    const now = Date.parse('2026-11-22T17:00:00Z')
    setTimeZone('Asia/Urumqi')
    expect(formatWhen(Date.parse('2026-11-22T18:30:00Z'), now)).toBe('明天 00:30')
    setTimeZone('America/New_York')
    expect(formatWhen(Date.parse('2026-11-22T18:30:00Z'), now)).toBe('今天 13:30')
  })

  test('a span of its whole days is told in days, also where the clocks change', () => {
    setTimeZone('America/New_York')
    const [startsAt, endsAt] = [startOfDate('2026-11-01'), endOfDate('2026-11-02')]
    expect(spanWords({ startsAt, endsAt }, startOfDate('2026-10-01'))).toBe('11-01 周日 至 11-02 周一(含)')
  })
})
