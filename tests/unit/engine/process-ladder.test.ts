import { describe, expect, test } from '@jest/globals'
import type { Effect } from '../../../engine/process/index.ts'
import { approval, Case, type Company, drawn, end, MINUTE_MS, MONDAY_9, process, start } from './support.ts'

const HOUR = 3600
const people: Company = { superiors: { a: 'sa', b: 'sb' }, roles: {}, admins: ['admin'] }
const timed = (personIds = ['a', 'b'], company = people, more = {}): Case => {
  const opened = new Case(
    process([
      start('step'),
      approval('step', personIds, { mode: { type: 'countersign' }, timeLimit: { workingSeconds: HOUR, ...more }, next: 'last' }),
      approval('last', ['z'], { timeLimit: { workingSeconds: 60, ladder: [] } }),
      end,
    ]),
    company,
  )
  opened.submit({}, 'me')
  return opened
}

const climb = (opened: Case, rung: number) => opened.do({ type: 'timeout', taskId: 'case1-1', rung: String(rung) })
const timersOf = (effects: readonly Effect[]) => effects.filter(effect => effect.type === 'timerSet')

describe('the ladder of a step', () => {
  test('has a timer for each rung: at the limit nothing, one second later it is late', () => {
    const timers = timersOf(timed().effects).map(timer => 'workingSeconds' in timer && [timer.timerId, timer.workingSeconds])
    expect(timers).toEqual([
      ['case1-1:0', 0.8 * HOUR],
      ['case1-1:1', HOUR + 1],
      ['case1-1:2', 1.5 * HOUR + 1],
      ['case1-1:3', 2 * HOUR + 1],
      ['case1-1:4', 3 * HOUR + 1],
    ])
  })

  test('is counted from when the people were asked', () => {
    const [timer] = timersOf(timed().effects)
    expect(timer).toMatchObject({ taskId: 'case1-1', rung: '0', anchorAt: MONDAY_9 })
  })

  test('one hour for a supervisor, then the superior: 60:00 nothing, 60:01 the superior hears', () => {
    const opened = timed(['a'], people, { ladder: [{ action: 'superior', afterPercent: 100 }] })
    expect(timersOf(opened.effects)).toMatchObject([{ workingSeconds: 3601 }])
    climb(opened, 0)
    expect(opened.effects).toMatchObject([{ type: 'reminded', action: 'superior', personIds: ['sa'], lateIds: ['a'] }])
  })

  test('a limit that does not divide is rounded up to the second', () => {
    const opened = timed(['a'], people, { workingSeconds: 61, ladder: [{ action: 'warn', afterPercent: 33 }] })
    expect(timersOf(opened.effects)).toMatchObject([{ workingSeconds: 21 }])
  })

  test('a step that ends cancels the timers that have not fired, and the next one sets its own', () => {
    const opened = timed(['a'])
    climb(opened, 0)
    opened.approve('a')
    const cancelled = opened.effects.flatMap(effect => (effect.type === 'timerCancelled' ? [effect.timerId] : []))
    expect(cancelled).toEqual(['case1-1:1', 'case1-1:2', 'case1-1:3', 'case1-1:4'])
    expect(timersOf(opened.effects)).toEqual([])
  })

  test('a seat that changes hands does not begin the limit anew', () => {
    const opened = timed()
    opened.do({ type: 'transfer', by: 'a', to: 'c' })
    expect(opened.effects.some(({ type }) => type.startsWith('timer'))).toBe(false)
  })
})

describe('a rung', () => {
  test.each([
    [0, 'warn', ['a', 'b']],
    [1, 'remind', ['a', 'b']],
    [2, 'superior', ['sa', 'sb']],
    [4, 'admin', ['admin']],
  ])('%d: %s is heard by %j', (rung, action, personIds) => {
    const opened = timed()
    climb(opened, rung)
    expect(opened.effects).toMatchObject([
      {
        type: 'reminded',
        taskId: 'case1-1',
        nodeName: 'step',
        action,
        personIds,
        lateIds: ['a', 'b'],
        limitWorkingSeconds: HOUR,
      },
    ])
  })

  test('who has voted is not late, and their superior does not hear it', () => {
    const opened = timed()
    opened.approve('a')
    climb(opened, 2)
    expect(opened.effects).toMatchObject([{ action: 'superior', personIds: ['sb'], lateIds: ['b'] }])
  })

  test('without any superior the admins hear it', () => {
    const opened = timed(['x'])
    climb(opened, 2)
    expect(opened.effects).toMatchObject([{ action: 'superior', personIds: ['admin'] }])
  })

  test('自动转交: each open seat goes to its superior', () => {
    const opened = timed()
    opened.approve('a')
    climb(opened, 3)
    expect(drawn(opened.current)).toBe('step[a+ sb?]')
    expect(opened.effects).toMatchObject([
      { type: 'transferred', fromId: 'b', toId: 'sb', why: 'overdue' },
      { type: 'released', personId: 'b' },
      { type: 'asked', personId: 'sb' },
    ])
  })

  test.each([
    ['nobody', { superiors: {} }, 'step[a? b?]'],
    ['the submitter', { superiors: { a: 'me', b: 'sb' } }, 'step[a? sb?]'],
    ['somebody who sits there already', { superiors: { a: 'b', b: 'sb' } }, 'step[a? sb?]'],
    ['the same person for both', { superiors: { a: 's', b: 's' } }, 'step[s? b?]'],
  ])('a seat whose superior is %s stays, and the admins hear it', (_, more, where) => {
    const opened = timed(['a', 'b'], { ...people, ...more })
    climb(opened, 3)
    expect(drawn(opened.current)).toBe(where)
    expect(opened.effects).toContainEqual(expect.objectContaining({ type: 'reminded', action: 'admin', personIds: ['admin'] }))
  })

  test.each<[string, (opened: Case) => void, string]>([
    ['that has fired', opened => climb(opened, 1), '1'],
    ['of a step that is over', opened => ['a', 'b'].map(by => opened.approve(by)), '1'],
    ['of a case that is over', opened => opened.do({ type: 'withdraw', by: 'me' }), '1'],
    ['that the ladder does not have', () => {}, '9'],
    ['that is no rung', () => {}, 'wait'],
    ['with an odd name', () => {}, 'constructor'],
  ])('%s is stale and changes nothing', (_, then, rung) => {
    const opened = timed()
    then(opened)
    expect(opened.refusal({ type: 'timeout', taskId: 'case1-1', rung }).code).toBe('approval.timer_stale')
  })

  test('of a task that never was is stale', () => {
    expect(timed().refusal({ type: 'timeout', taskId: 'other-1', rung: '0' }).code).toBe('approval.timer_stale')
  })
})

describe('a timer node', () => {
  const waiting = (wait: { workingSeconds: number } | { untilField: string }, form = {}): Case => {
    const opened = new Case(
      process([start('pause'), { id: 'pause', type: 'timer', name: '冷静期', wait, next: 'last' }, approval('last', ['z']), end]),
      people,
    )
    opened.submit(form, 'me')
    return opened
  }

  test('waits for working time, then the case goes on', () => {
    const opened = waiting({ workingSeconds: 90 })
    expect(opened.effects).toEqual([
      {
        id: 'case1:1:0',
        type: 'timerSet',
        timerId: 'case1-1:wait',
        taskId: 'case1-1',
        rung: 'wait',
        anchorAt: MONDAY_9,
        workingSeconds: 90,
      },
    ])
    opened.do({ type: 'timeout', taskId: 'case1-1', rung: 'wait' })
    expect(drawn(opened.current)).toBe('last[z?]')
    expect(opened.effects).toMatchObject([{ type: 'asked', personId: 'z' }])
    expect(opened.refusal({ type: 'timeout', taskId: 'case1-1', rung: 'wait' }).code).toBe('approval.timer_stale')
  })

  test('waits until a moment, and not for one that has passed', () => {
    const opened = waiting({ untilField: 'dueAt' }, { dueAt: MONDAY_9 + 1 })
    expect(opened.effects).toMatchObject([{ type: 'timerSet', at: MONDAY_9 + 1 }])
    expect(drawn(waiting({ untilField: 'dueAt' }, { dueAt: MONDAY_9 }).current)).toBe('last[z?]')
  })

  test('stops the case when the moment is not known, and goes on when it is', () => {
    const opened = waiting({ untilField: 'dueAt' })
    expect(drawn(opened.current)).toBe('pause!missing_input')
    opened.do({ type: 'resolve', by: 'admin', form: { dueAt: MONDAY_9 + MINUTE_MS } })
    expect(opened.effects).toMatchObject([
      { type: 'incidentResolved', byId: 'admin' },
      { type: 'timerSet', at: MONDAY_9 + MINUTE_MS },
    ])
  })

  test('is cancelled with the case, and can be skipped by an admin', () => {
    const opened = waiting({ workingSeconds: 90 })
    expect(opened.refusal({ type: 'urge', by: 'me' }).code).toBe('approval.nobody_to_urge')
    opened.do({ type: 'skip', by: 'admin', taskId: 'case1-1', reason: '不必等' })
    expect(opened.effects).toMatchObject([{ type: 'timerCancelled', timerId: 'case1-1:wait' }, { type: 'asked' }])
  })

  test('the last word of a case that ends by a timer is that of who acted last', () => {
    const opened = new Case(
      process([
        start('one'),
        approval('one', ['a'], { next: 'pause' }),
        { id: 'pause', type: 'timer', name: '公示', wait: { workingSeconds: 1 }, next: 'end' },
        end,
      ]),
      people,
    )
    opened.submit({}, 'me')
    opened.wait(1).approve('a')
    opened.wait(1).do({ type: 'timeout', taskId: opened.current.path.at(-1)?.entryId ?? '', rung: 'wait' })
    expect(opened.effects).toMatchObject([{ type: 'finalised', outcome: 'approved', byId: 'a' }])
  })
})
