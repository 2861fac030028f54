import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import mongoose, { type Connection } from 'mongoose'
import type { Loop } from '../../bot/jobs/loop.ts'
import { createTimerWork } from '../../bot/jobs/timers.ts'
import { ConflictError, InvalidError, PlatformUnreachable } from '../../common/errors.ts'
import { createLocalTime } from '../../common/time.ts'
import type { TimerEffect } from '../../engine/calendar/index.ts'
import {
  calendarLoadYear,
  calendarSetDay,
  calendarSetWeek,
  cancelTimers,
  createCalendarSource,
  followTimers,
  processTimers,
  setTimers,
  type TimerRequest,
} from '../../handlers/calendar/index.ts'
import type { Catalogue } from '../../handlers/catalogue.ts'
import { execute } from '../../handlers/kernel/execute.ts'
import type { Services } from '../../handlers/kernel/services.ts'
import { Organisation } from '../../handlers/people/organisation.ts'
import { createModels, type Models } from '../../models/index.ts'
import type { TimerDoc } from '../../models/kernel/timers.ts'
import { type EmbeddedStore, openEmbeddedStore } from '../../store/index.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'kelian-timers-'))
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
let store: EmbeddedStore
let connection: Connection
let models: Models
/** The business clock. */
let now = 0
let serial = 0

beforeAll(async () => {
  store = await openEmbeddedStore({ dataDir })
  connection = await mongoose.createConnection(store.uri).asPromise()
  models = createModels(connection)
  await models.prepare()
})
afterAll(async () => {
  await connection.close()
  await store.close()
  rmSync(dataDir, { recursive: true, force: true })
})
beforeEach(async () => {
  await Promise.all([
    models.timers.model.deleteMany({}),
    models.calendars.model.deleteMany({}),
    models.calendars.officialYears.deleteMany({}),
  ])
  now = at('2026-11-23 09:00')
})

const at = (text: string): number => Date.parse(`${text.replace(' ', 'T')}${text.length === 16 ? ':00' : ''}+08:00`)
const shown = (moment: Date | undefined): string =>
  moment ? new Date(moment.getTime() + 8 * 3_600_000).toISOString().replace('T', ' ').slice(0, 19) : ''

/** One process of the service, as far as timers are concerned. It is settled by hand. */
interface Process {
  services: Services
  work: Loop
  fired: TimerDoc[]
  stop(): Promise<void>
}

function startProcess(onFire: (timer: TimerDoc) => Promise<void> = async () => undefined): Process {
  const time = createLocalTime('Asia/Shanghai')
  const clock = { now: () => now }
  const organisation = new Organisation([], [])
  const services = {
    models,
    clock,
    time,
    log: quiet,
    organisation: { current: async () => organisation, forget: () => undefined },
    calendars: createCalendarSource(models, { time, clock: { now: () => Date.now() } }),
    poke: () => undefined,
  } as unknown as Services
  const fired: TimerDoc[] = []
  const kind = {
    name: 'test',
    async fire(_: Services, timer: TimerDoc) {
      await onFire(timer)
      fired.push(timer)
    },
  }
  serial += 1
  const catalogue = { timerKinds: new Map([['test', kind]]) } as unknown as Catalogue
  const work = createTimerWork(services, catalogue, `process-${serial}`)
  return { services, work, fired, stop: () => work.stop() }
}

const timer = (id: string, workingSeconds: number, change: Partial<TimerRequest> = {}): TimerRequest => ({
  id,
  kind: 'test',
  subject: `case:${id}`,
  anchorAt: now,
  workingSeconds,
  ...change,
})
const row = async (id: string) => models.timers.model.findById(id).lean<TimerDoc>()
const admin = { personId: 'admin', subtreePersonIds: ['admin'], roles: [], isAdmin: true }

/** An admin changes a calendar, and the process that hears of it counts anew. */
async function change(process: Process, command: Parameters<typeof execute>[1], input: object): Promise<void> {
  serial += 1
  await execute(process.services, command, input, { actor: admin, commandId: `c${serial}`, via: 'h5', surface: 'admin' })
  process.work.poke()
  await process.work.settle()
}

/** The rungs of one working hour: what is due at its end or later fires a second after it. */
const REVIEW = { warn: 2880, overdue: 3601, superior: 3601, transfer: 7201, admin: 10_801 }

describe('a deadline in working time', () => {
  test('a supervisor has one working hour: at 60:00 nothing, at 60:01 the superior hears', async () => {
    now = at('2026-11-23 11:30')
    const one = startProcess()
    await one.work.settle()
    await setTimers(
      one.services,
      Object.entries(REVIEW).map(([rung, workingSeconds]) =>
        timer(rung, workingSeconds, { subject: 'case:1', params: { rung } }),
      ),
    )
    const rungs = () => one.fired.map(({ params }) => params.rung)
    // Lunch from 12:00 to 13:00.
    now = at('2026-11-23 13:18')
    await one.work.settle()
    expect(rungs()).toEqual(['warn'])
    now = at('2026-11-23 13:30') + 999
    await one.work.settle()
    expect(rungs()).toEqual(['warn'])
    now = at('2026-11-23 13:30:01')
    await one.work.settle()
    expect(rungs()).toEqual(['warn', 'overdue', 'superior'])
    now = at('2026-11-23 17:00')
    await one.work.settle()
    expect(rungs()).toEqual(['warn', 'overdue', 'superior', 'transfer', 'admin'])
    now = at('2026-12-23 17:00')
    await one.work.settle()
    expect(rungs()).toHaveLength(5)
    await one.stop()
  })

  test('it is exact over restarts, and what fired while nobody ran fires once', async () => {
    const one = startProcess()
    await one.work.settle()
    await setTimers(one.services, [timer('kept', 3 * 3600), timer('later', 4 * 3600 + 1)])
    await one.stop()
    now = at('2026-11-23 14:00')
    const two = startProcess()
    await two.work.settle()
    expect(two.fired.map(({ _id }) => _id)).toEqual(['kept'])
    await two.stop()
    const three = startProcess()
    await three.work.settle()
    now += 1000
    await three.work.settle()
    expect(three.fired.map(({ _id }) => _id)).toEqual(['later'])
    await three.stop()
  })

  test('what is overdue after a night without service fires in the order in which it fell due', async () => {
    const one = startProcess()
    await one.work.settle()
    const sequence = Array.from({ length: 40 }, (_, index) => timer(`t${index}`, 60 * (40 - index), { subject: 'case:1' }))
    await setTimers(one.services, sequence)
    now = at('2026-11-24 09:00')
    await one.work.settle()
    const moments = one.fired.map(({ fireAt }) => fireAt.getTime())
    expect(moments).toHaveLength(40)
    expect(moments).toEqual([...moments].sort((a, b) => a - b))
    await one.stop()
  })

  test('no working time at all fires at its anchor, by night and on a holiday', async () => {
    const one = startProcess()
    await setTimers(one.services, [timer('now', 0, { anchorAt: at('2026-10-02 03:00') })])
    await one.work.settle()
    expect((await row('now'))?.state).toBe('fired')
    await one.stop()
  })

  test('an end beyond twenty years is refused, and nothing is set', async () => {
    const one = startProcess()
    await expect(setTimers(one.services, [timer('good', 60), timer('far', 10 ** 12)])).rejects.toMatchObject({
      code: 'calendar.beyond_horizon',
    })
    expect(await models.timers.countWaiting()).toBe(0)
    await one.stop()
  })
})

describe('set once, cancelled for good', () => {
  test('setting a timer again, also after it fired, changes nothing', async () => {
    const one = startProcess()
    await one.work.settle()
    await setTimers(one.services, [timer('a', 60)])
    await setTimers(one.services, [timer('a', 7200)])
    now += 61_000
    await one.work.settle()
    await setTimers(one.services, [timer('a', 60)])
    now += 3_600_000
    await one.work.settle()
    expect(one.fired).toHaveLength(1)
    await one.stop()
  })

  test('a cancelled timer never fires, even when the cancelling comes before the setting', async () => {
    const one = startProcess()
    await one.work.settle()
    await setTimers(one.services, [timer('after', 60)])
    await cancelTimers(one.services, ['after', 'before'])
    await setTimers(one.services, [timer('before', 60)])
    now += 3_600_000
    await one.work.settle()
    expect(one.fired).toEqual([])
    await one.stop()
  })

  test('cancelling what fired leaves it fired', async () => {
    const one = startProcess()
    await setTimers(one.services, [timer('a', 0)])
    await one.work.settle()
    await cancelTimers(one.services, ['a'])
    expect((await row('a'))?.state).toBe('fired')
    await one.stop()
  })
})

describe('several processes', () => {
  test('however many look, a timer fires in one of them', async () => {
    const all = [startProcess(), startProcess(), startProcess()]
    await Promise.all(all.map(({ work }) => work.settle()))
    const [first] = all
    if (!first) throw new Error('nobody runs')
    await setTimers(
      first.services,
      Array.from({ length: 60 }, (_, index) => timer(`t${index}`, 1)),
    )
    now += 1_000
    await Promise.all(all.map(({ work }) => work.settle()))
    const ids = all.flatMap(({ fired }) => fired.map(({ _id }) => _id))
    expect(ids).toHaveLength(60)
    expect(new Set(ids).size).toBe(60)
    for (const each of all) await each.stop()
  })

  test('one that died while firing is followed by another, under the same id', async () => {
    const one = startProcess()
    await setTimers(one.services, [timer('a', 0)])
    // The first process took it and never came back.
    const taken = await models.timers.claim('dead process', new Date(now), 60_000)
    expect(taken?._id).toBe('a')
    // The time it may hold it runs out; the database's clock is not the test's.
    await models.timers.model.updateOne({ _id: 'a' }, { $set: { leaseUntil: new Date(0) } })
    await one.work.settle()
    expect(one.fired.map(({ _id, fence }) => [_id, fence])).toEqual([['a', (taken?.fence ?? 0) + 1]])
    // It wakes up and finds that it lost its claim.
    expect(await models.timers.fired({ id: 'a', by: 'dead process', fence: taken?.fence ?? 0 }, new Date(now))).toBe(false)
    await one.stop()
  })
})

describe('a calendar changes', () => {
  test('a holiday set in the meantime moves open deadlines; rungs that fired stay fired', async () => {
    const one = startProcess()
    await one.work.settle()
    await setTimers(one.services, [timer('warn', 7 * 3600), timer('overdue', 9 * 3600)])
    now = at('2026-11-23 17:00')
    await one.work.settle()
    expect(one.fired.map(({ _id }) => _id)).toEqual(['warn'])
    await change(one, calendarSetDay, { calendarId: 'default', date: '2026-11-24', kind: 'holiday', name: '司庆' })
    expect(shown((await row('overdue'))?.fireAt)).toBe('2026-11-25 10:00:00')
    expect(shown((await row('warn'))?.fireAt)).toBe('2026-11-23 17:00:00')
    now = at('2026-11-24 10:00')
    await one.work.settle()
    expect(one.fired).toHaveLength(1)
    now = at('2026-11-25 10:00')
    await one.work.settle()
    expect(one.fired.map(({ _id }) => _id)).toEqual(['warn', 'overdue'])
    await one.stop()
  })

  test('shorter hours bring a deadline forward or back by exactly what they change', async () => {
    const one = startProcess()
    await one.work.settle()
    await setTimers(one.services, [timer('a', 8 * 3600)])
    const day = [{ from: '07:30', to: '11:30' }]
    const week = { monday: day, tuesday: day, wednesday: day, thursday: day, friday: day, saturday: [], sunday: [] }
    await change(one, calendarSetWeek, { calendarId: 'default', week })
    // 2:30 left on Monday from 09:00, then 4:00 and 1:30.
    expect(shown((await row('a'))?.fireAt)).toBe('2026-11-25 09:00:00')
    await one.stop()
  })

  test('a year that is not published counts by weekday and is marked, until it is loaded', async () => {
    const one = startProcess()
    await one.work.settle()
    now = at('2026-12-31 17:00')
    await setTimers(one.services, [timer('a', 2 * 3600), timer('near', 3600)])
    expect((await row('near'))?.provisional).toBe(false)
    const before = await row('a')
    expect([shown(before?.fireAt), before?.provisional]).toEqual(['2027-01-01 10:00:00', true])
    await change(one, calendarLoadYear, {
      year: 2027,
      days: [
        { date: '2027-01-01', kind: 'holiday', name: '元旦' },
        { date: '2027-01-03', kind: 'workday', name: '元旦' },
      ],
    })
    const after = await row('a')
    expect([shown(after?.fireAt), after?.provisional]).toEqual(['2027-01-03 10:00:00', false])
    await one.stop()
  })

  test('a process that has not heard of the change does not fire by the old calendar', async () => {
    const [one, two] = [startProcess(), startProcess()]
    await one.work.settle()
    await setTimers(one.services, [timer('a', 9 * 3600)])
    await change(two, calendarSetDay, { calendarId: 'default', date: '2026-11-24', kind: 'holiday' })
    // Somebody sets a timer who still holds the old calendar.
    await setTimers(one.services, [timer('b', 9 * 3600)])
    expect(shown((await row('b'))?.fireAt)).toBe('2026-11-24 10:00:00')
    now = at('2026-11-24 10:00')
    await one.work.settle()
    expect(one.fired).toEqual([])
    expect(shown((await row('b'))?.fireAt)).toBe('2026-11-25 10:00:00')
    await one.stop()
    await two.stop()
  })

  test('a deadline that the new hours never reach is put aside visibly; the others go on', async () => {
    const one = startProcess()
    await one.work.settle()
    await setTimers(one.services, [timer('long', 400 * 8 * 3600), timer('short', 3600)])
    const none = { monday: [], tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [], sunday: [] }
    const week = { ...none, tuesday: [{ from: '09:00', to: '10:00' }] }
    await change(one, calendarSetWeek, { calendarId: 'default', week })
    expect(await row('long')).toMatchObject({ state: 'dead', error: { code: 'calendar.beyond_horizon' } })
    now = at('2026-11-24 10:00')
    await one.work.settle()
    expect(one.fired.map(({ _id }) => _id)).toEqual(['short'])
    await one.stop()
  })

  test('it knows the official holidays of this year from the start', async () => {
    const one = startProcess()
    await one.work.settle()
    now = at('2026-09-30 17:00')
    await setTimers(one.services, [timer('a', 2 * 3600)])
    expect(shown((await row('a'))?.fireAt)).toBe('2026-10-08 10:00:00')
    await one.stop()
  })
})

describe('timers of a process', () => {
  const step = (...effects: TimerEffect[]) => ({ caseId: '7', effects: [{ type: 'taskOpened' }, ...effects] })
  const set = (timerId: string, workingSeconds: number): TimerEffect => ({
    type: 'timerSet',
    timerId,
    taskId: 'task1',
    rung: 'warn',
    workingSeconds,
    anchorAt: now,
  })

  test('what a step says about time becomes rows once, and a due row the event that the process hears', async () => {
    const one = startProcess()
    await one.work.settle()
    const effects = step(set('t1', 60), set('t2', 120))
    await followTimers(one.services, effects, () => [])
    await followTimers(one.services, effects, () => [])
    await followTimers(one.services, step({ type: 'timerCancelled', timerId: 't2' }), () => [])
    expect((await models.timers.ofSubject('case:7')).map(({ _id, state }) => `${_id} ${state}`)).toEqual([
      't1 waiting',
      't2 cancelled',
    ])
    const heard: object[] = []
    const kind = processTimers(async (_, timeout) => heard.push(timeout))
    const t1 = await row('t1')
    if (!t1) throw new Error('t1 was not set')
    await kind.fire(one.services, t1)
    await kind.fire(one.services, t1)
    expect(heard[0]).toEqual({
      caseId: '7',
      event: { type: 'timeout', taskId: 'task1', rung: 'warn' },
      commandId: expect.any(String),
    })
    expect(heard[1]).toEqual(heard[0])
    await one.stop()
  })

  test('a process that refuses the event because the task is over is no failure; one that breaks is', async () => {
    const one = startProcess()
    await followTimers(one.services, step(set('t1', 60)), () => [])
    const t1 = await row('t1')
    if (!t1) throw new Error('t1 was not set')
    const refusing = processTimers(async () => {
      throw new ConflictError('approval.already_decided', '已经处理过。')
    })
    await expect(refusing.fire(one.services, t1)).resolves.toBeUndefined()
    const broken = processTimers(async () => {
      throw new Error('the database is away')
    })
    await expect(broken.fire(one.services, t1)).rejects.toThrow('away')
    await one.stop()
  })
})

describe('firing that fails', () => {
  test('a passing failure is tried again, and then it fires once', async () => {
    let failures = 1
    const one = startProcess(async () => {
      failures -= 1
      if (failures >= 0) throw new PlatformUnreachable('away', { applied: 'no' })
    })
    await setTimers(one.services, [timer('a', 0)])
    await one.work.settle()
    expect(await row('a')).toMatchObject({ state: 'waiting', attempts: 1, error: { code: 'channel.unreachable' } })
    // Its time to wait is the database's, which a test does not move.
    await models.timers.model.updateOne({ _id: 'a' }, { $set: { leaseUntil: new Date(0) } })
    await one.work.settle()
    expect(one.fired).toHaveLength(1)
    expect((await row('a'))?.error).toBeUndefined()
    await one.stop()
  })

  test('a refusal, or the fifth failure, is a visible dead letter that can be replayed', async () => {
    let refuses = true
    const one = startProcess(async () => {
      if (refuses) throw new InvalidError('test.refused', '不行。')
    })
    await setTimers(one.services, [timer('a', 0)])
    await one.work.settle()
    expect(await models.timers.troubled(10)).toMatchObject([{ _id: 'a', error: { code: 'test.refused' } }])
    refuses = false
    expect(await models.timers.replay('a')).toBe(true)
    await one.work.settle()
    expect((await row('a'))?.state).toBe('fired')
    expect(await models.timers.replay('a')).toBe(false)
    await one.stop()
  })
})
