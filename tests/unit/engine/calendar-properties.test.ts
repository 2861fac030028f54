import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createLocalTime } from '../../../common/time.ts'
import {
  addWorkingMs,
  checkCalendar,
  type DayOverride,
  dateOf,
  deadlineOf,
  elapsedWorking,
  elapsedWorkingMs,
  fixedZone,
  type Hours,
  isWorking,
  nextWorking,
  openCalendar,
  parseDate,
  pause,
  resume,
  startCount,
  type WorkCalendar,
} from '../../../engine/calendar/index.ts'
import { secondWalker } from './calendar-oracle.ts'

const DAY_MS = 86_400_000
const WINDOW_DAYS = 9
const CALENDARS = 100
const CASES_EACH = 1_000

const range = (from: number, to: number): Hours => ({ fromSecond: from, toSecond: to })
const hour = (hours: number): number => Math.round(hours * 3600)

/** What companies really have: offices with lunch, shifts from 07:30, nights, half Saturdays; and odd seconds, which they should not. */
const dayHours: fc.Arbitrary<Hours[]> = fc.oneof(
  fc.constant<Hours[]>([]),
  fc.constant<Hours[]>([range(hour(9), hour(12)), range(hour(13), hour(18))]),
  fc.constant<Hours[]>([range(hour(7.5), hour(11.5)), range(hour(12), hour(16))]),
  fc.constant<Hours[]>([range(hour(22), hour(30))]),
  fc.constant<Hours[]>([range(0, hour(24))]),
  fc.constant<Hours[]>([range(hour(8), hour(12))]),
  fc.constant<Hours[]>([range(hour(7.5), hour(15.5)), range(hour(15.5), hour(23.5)), range(hour(23.5), hour(31.5))]),
  fc
    .uniqueArray(fc.integer({ min: 0, max: 2 * 86_400 - 1 }), { minLength: 2, maxLength: 8 })
    .map(edges => [...edges].sort((a, b) => a - b))
    .map(edges => edges.flatMap((from, index) => (index % 2 === 0 ? [range(from, edges[index + 1] ?? from)] : [])))
    .map(ranges => ranges.filter(({ fromSecond, toSecond }) => fromSecond < 86_400 && toSecond - fromSecond <= 86_400)),
)

/** Windows over year ends, 春节 with its 补班 days, 国庆, a leap day, and an ordinary week. */
const firstDate = fc.constantFrom('2026-12-27', '2026-02-11', '2026-09-26', '2028-02-25', '2026-11-20', '2027-12-28')

const override = (date: string): fc.Arbitrary<DayOverride> =>
  fc.oneof(
    fc.constant<DayOverride>({ date, kind: 'holiday' }),
    fc.constant<DayOverride>({ date, kind: 'workday' }),
    fc.constant<DayOverride>({ date, kind: 'workday', like: 'friday' }),
    fc.constant<DayOverride>({ date, kind: 'workday', hours: [range(hour(7.5), hour(11.75))] }),
    fc.constant<DayOverride>({ date, kind: 'half', works: 'morning' }),
    fc.constant<DayOverride>({ date, kind: 'half', works: 'afternoon' }),
    fc.constant<DayOverride>({ date, kind: 'weekly' }),
  )

const scene = fc
  .record({
    first: firstDate,
    week: fc.record({
      monday: dayHours,
      tuesday: dayHours,
      wednesday: dayHours,
      thursday: dayHours,
      friday: dayHours,
      saturday: dayHours,
      sunday: dayHours,
    }),
    offsetMinutes: fc.constantFrom(480, 0, -210, 345, -660, 840),
    seed: fc.integer(),
  })
  .chain(base => {
    const day = parseDate(base.first) ?? 0
    const dates = Array.from({ length: WINDOW_DAYS + 2 }, (_, index) => dateOf(day - 1 + index))
    return fc
      .tuple(...dates.map(date => fc.option(override(date), { nil: null, freq: 3 })))
      .map(days => ({ ...base, days: days.filter(each => each !== null) as DayOverride[] }))
  })
  .map(({ week, days, ...rest }) => {
    const calendar: WorkCalendar = { id: 'c', revision: 1, week, days, publishedYears: [] }
    return { ...rest, calendar }
  })
  .filter(({ calendar }) => checkCalendar(calendar).length === 0)

/** Mulberry32: enough randomness for cases, and the scene's seed repeats them. */
function random(seed: number): (below: number) => number {
  let state = seed | 0
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below)
  }
}

describe('working time against an oracle that looks at every second', () => {
  test('100,000 random questions get the oracle’s answers, to the millisecond', () => {
    let asked = 0
    fc.assert(
      fc.property(scene, ({ calendar, first, offsetMinutes, seed }) => {
        const time = openCalendar(calendar, fixedZone(offsetMinutes))
        const oracle = secondWalker(calendar, first, WINDOW_DAYS, offsetMinutes)
        const windowAt = Date.parse(`${first}T00:00:00Z`) - offsetMinutes * 60_000
        const pick = random(seed)
        for (let index = 0; index < CASES_EACH; index += 1) {
          // Half of the moments lie on whole minutes, where shifts begin and end.
          const unit = index % 2 === 0 ? 1 : 60_000
          const startAt = windowAt + pick((WINDOW_DAYS * DAY_MS) / unit) * unit
          const endAt = windowAt + pick((WINDOW_DAYS * DAY_MS) / unit) * unit
          const [fromAt, toAt] = startAt < endAt ? [startAt, endAt] : [endAt, startAt]
          const workedMs = oracle.workedMs(toAt) - oracle.workedMs(fromAt)
          const found = elapsedWorkingMs(time, fromAt, toAt)
          if (found !== workedMs) throw new Error(`elapsed ${fromAt}..${toAt}: ${found}, the oracle says ${workedMs}`)
          const durationMs = 1 + pick(3 * 8 * 3600) * 1000
          const dueAt = oracle.momentOf(oracle.workedMs(fromAt) + durationMs)
          asked += 1
          if (dueAt === null) continue
          const added = addWorkingMs(time, fromAt, durationMs)
          if (added !== dueAt) throw new Error(`${fromAt} + ${durationMs}: ${added}, the oracle says ${dueAt}`)
        }
      }),
      { numRuns: CALENDARS },
    )
    expect(asked).toBeGreaterThanOrEqual(CALENDARS * CASES_EACH)
  })
})

const shanghai = createLocalTime('Asia/Shanghai')
const zones = [shanghai, createLocalTime('America/New_York'), createLocalTime('Australia/Lord_Howe'), fixedZone(345)]
const moment = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2028, 11, 31) })
const seconds = fc.integer({ min: 1, max: 40 * 3600 })

describe('rules that hold in every calendar and time zone', () => {
  test('what was added has passed: elapsed(start, add(start, d)) = d', () => {
    fc.assert(
      fc.property(scene, fc.constantFrom(...zones), moment, seconds, ({ calendar }, zone, startAt, workingSeconds) => {
        const time = openCalendar(calendar, zone)
        expect(elapsedWorking(time, startAt, addWorkingMs(time, startAt, workingSeconds * 1000))).toBe(workingSeconds)
      }),
      { numRuns: 300 },
    )
  })

  test('two halves of a span add up to the whole, and a deadline is the earliest moment', () => {
    fc.assert(
      fc.property(scene, fc.constantFrom(...zones), moment, seconds, seconds, ({ calendar }, zone, startAt, one, two) => {
        const time = openCalendar(calendar, zone)
        const middleAt = addWorkingMs(time, startAt, one * 1000)
        const endAt = addWorkingMs(time, middleAt, two * 1000)
        expect(endAt).toBe(addWorkingMs(time, startAt, (one + two) * 1000))
        expect(elapsedWorkingMs(time, startAt, endAt - 1)).toBe((one + two) * 1000 - 1)
      }),
      { numRuns: 300 },
    )
  })

  test('the next working moment is working, and nothing is worked before it', () => {
    fc.assert(
      fc.property(scene, fc.constantFrom(...zones), moment, ({ calendar }, zone, at) => {
        const time = openCalendar(calendar, zone)
        const nextAt = nextWorking(time, at)
        expect(isWorking(time, nextAt)).toBe(true)
        expect(elapsedWorkingMs(time, at, nextAt)).toBe(0)
        expect(isWorking(time, at)).toBe(nextAt === at)
      }),
      { numRuns: 300 },
    )
  })

  test('however often it is paused, at any millisecond, not a millisecond is lost or won', () => {
    const stops = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 * DAY_MS }), fc.integer({ min: 0, max: 2 * DAY_MS })), {
      maxLength: 12,
    })
    fc.assert(
      fc.property(scene, moment, stops, ({ calendar }, startAt, pauses) => {
        const time = openCalendar(calendar, shanghai)
        let count = startCount(time, startAt)
        let at = startAt
        let runningMs = 0
        for (const [runsMs, restsMs] of pauses) {
          runningMs += elapsedWorkingMs(time, at, at + runsMs)
          count = resume(time, pause(time, count, at + runsMs), at + runsMs + restsMs)
          at += runsMs + restsMs
        }
        expect(count.consumedMs).toBe(runningMs)
        const limit = Math.ceil(runningMs / 1000) + 60
        expect(deadlineOf(time, count, limit)).toBe(addWorkingMs(time, at, limit * 1000 - runningMs))
      }),
      { numRuns: 200 },
    )
  })
})
