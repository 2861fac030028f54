import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type CallLedger, createCallMeter } from '../../../bot/channels/shared/index.ts'
import { memoryLog } from './support/fakes.ts'

/** The database's row for each month; `away` makes it refuse. */
function memoryLedger(): CallLedger & { totals: Map<string, number>; away: boolean; writes: number } {
  const ledger = {
    totals: new Map<string, number>(),
    away: false,
    writes: 0,
    async reserve(month: string, count: number) {
      if (ledger.away) throw new Error('the database is away')
      ledger.writes += 1
      const total = (ledger.totals.get(month) ?? 0) + count
      ledger.totals.set(month, total)
      return total
    },
    async giveBack(month: string, count: number) {
      ledger.totals.set(month, (ledger.totals.get(month) ?? 0) - count)
    },
  }
  return ledger
}

const NOVEMBER = Date.UTC(2026, 10, 21)
const setUp = (monthlyCalls = 100, ledger = memoryLedger()) => {
  const clock = { at: NOVEMBER, now: () => clock.at }
  const alarms: number[] = []
  const log = memoryLog()
  const meter = createCallMeter({ ledger, clock, log, monthlyCalls, onAlarm: ({ share }) => alarms.push(share) })
  const count = async (times: number) => {
    for (let n = 0; n < times; n += 1) await meter.count()
  }
  return { ledger, clock, alarms, log, meter, count }
}

test('processes that count side by side agree to the call once they have stopped, whatever their order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 120 }), async turns => {
      const ledger = memoryLedger()
      const processes = [0, 1, 2].map(() => setUp(1_000, ledger))
      await Promise.all(turns.map(turn => processes[turn]?.meter.count()))
      const known = Math.max(...processes.map(({ meter }) => meter.used()))
      // While they run, the others' blocks of ten count as used: nobody believes in more calls than are left.
      expect(ledger.totals.get('2026-11') ?? 0).toBeLessThanOrEqual(turns.length + 30)
      expect(known).toBeLessThanOrEqual(turns.length + 30)
      for (const { meter } of processes) await meter.close()
      expect(ledger.totals.get('2026-11') ?? 0).toBe(turns.length)
    }),
    { numRuns: 50 },
  )
})

test('counting costs one small write in ten calls', async () => {
  const { ledger, count } = setUp(10_000)
  await count(1_000)
  expect(ledger.writes).toBe(100)
})

test('calls at the same moment wait for one reservation', async () => {
  const { ledger, meter } = setUp()
  await Promise.all(Array.from({ length: 9 }, () => meter.count()))
  expect([ledger.writes, meter.used()]).toEqual([1, 9])
})

describe('near the end', () => {
  test('copies end at 80 %, notices at 95 %, answers never; each alarm is told once', async () => {
    const { alarms, meter, count } = setUp()
    const allowed = () => (['mirror', 'notice', 'answer'] as const).filter(worth => meter.allows(worth))
    await count(79)
    expect([alarms, allowed()]).toEqual([[], ['mirror', 'notice', 'answer']])
    await count(1)
    expect([alarms, allowed()]).toEqual([[0.8], ['notice', 'answer']])
    await count(15)
    expect([alarms, allowed()]).toEqual([[0.8, 0.95], ['answer']])
    await count(30)
    expect([alarms, allowed(), meter.used()]).toEqual([[0.8, 0.95], ['answer'], 125])
  })

  test('the platform’s word counts more than our number', () => {
    const { alarms, meter } = setUp()
    meter.usedUp()
    meter.usedUp()
    expect([alarms, meter.allows('notice'), meter.allows('answer')]).toEqual([[1], false, true])
  })

  test('a new month, by Beijing’s calendar, begins at nothing', async () => {
    const { alarms, clock, meter, count } = setUp()
    await count(96)
    clock.at = Date.UTC(2026, 10, 30, 15, 59, 59)
    expect(meter.allows('notice')).toBe(false)
    clock.at += 1_000
    expect([meter.used(), meter.allows('mirror')]).toEqual([0, true])
    await count(80)
    expect(alarms).toEqual([0.8, 0.95, 0.8])
  })

  test('without a limit everything is counted and nothing held back', async () => {
    const { alarms, meter, count } = setUp(Number.POSITIVE_INFINITY)
    await count(10_000)
    expect([alarms, meter.used(), meter.allows('mirror')]).toEqual([[], 10_000, true])
  })
})

test('a call that the platform turned away for its speed is not counted', async () => {
  const { meter, count } = setUp()
  await count(3)
  meter.uncount()
  expect(meter.used()).toBe(2)
})

test('a database that is away silences nobody; what was called meanwhile is reserved when it is back', async () => {
  const { ledger, log, meter, count } = setUp()
  await count(10)
  ledger.away = true
  await count(7)
  expect([meter.used(), log.codes()[0]]).toEqual([17, 'dingtalk.meter_away'])
  ledger.away = false
  await count(1)
  expect(meter.used()).toBe(18)
  await meter.close()
  expect(ledger.totals.get('2026-11')).toBe(18)
})
