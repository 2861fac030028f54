import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  checkTimeLimit,
  DEFAULT_RUNG_PERCENT,
  ladderOf,
  RUNGS,
  SUPERVISOR_REVIEW_LIMIT,
  type TimeLimit,
  timeLimit,
} from '../../../engine/calendar/index.ts'

const rungsOf = (limit: TimeLimit) => ladderOf(limit).map(({ rung, workingSeconds }) => `${rung} ${workingSeconds}`)

describe('the ladder of a time limit', () => {
  test('warn at 80 %, then past the limit: remind, superior, transfer, admin', () => {
    expect(rungsOf({ workingSeconds: 8 * 3600 })).toEqual([
      'warn 23040',
      'overdue 28801',
      'superior 43201',
      'transfer 57601',
      'admin 86401',
    ])
  })

  test('a supervisor’s review of one working hour: nothing at 60:00, the superior hears at 60:01', () => {
    const review = ladderOf(SUPERVISOR_REVIEW_LIMIT)
    expect(review.filter(({ workingSeconds }) => workingSeconds === 3600)).toEqual([])
    expect(review.filter(({ workingSeconds }) => workingSeconds === 3601).map(({ rung }) => rung)).toEqual([
      'overdue',
      'superior',
    ])
  })

  test('a step may move a rung or leave it out', () => {
    expect(rungsOf({ workingSeconds: 1000, rungs: { warn: null, transfer: null, superior: 120 } })).toEqual([
      'overdue 1001',
      'superior 1201',
      'admin 3001',
    ])
  })

  test('each rung fires once at most, in its order, and none at the very start or within a kept limit but the warning', () => {
    const percent = fc.option(fc.integer({ min: 1, max: 1000 }), { nil: null })
    const limits = fc.record({
      workingSeconds: fc.integer({ min: 1, max: 1_000_000 }),
      rungs: fc.record({ warn: percent, overdue: percent, superior: percent, transfer: percent, admin: percent }),
    })
    fc.assert(
      fc.property(limits, limit => {
        const steps = ladderOf(limit)
        expect(steps.every(({ workingSeconds }) => workingSeconds >= 1 && workingSeconds !== limit.workingSeconds)).toBe(true)
        expect(new Set(steps.map(({ rung }) => rung)).size).toBe(steps.length)
        if (checkTimeLimit(limit).length > 0) return
        expect(steps.map(({ rung }) => rung)).toEqual(RUNGS.filter(rung => limit.rungs[rung] !== null))
      }),
    )
  })

  test('a rung below the one before it is a fault with its place', () => {
    expect(checkTimeLimit({ workingSeconds: 3600 })).toEqual([])
    expect(checkTimeLimit({ workingSeconds: 3600, rungs: { warn: 120, transfer: 90 } }, 'nodes.2.timeLimit')).toEqual([
      { path: 'nodes.2.timeLimit.rungs.overdue', code: 'ladder.wrong_order', message: expect.any(String) },
      { path: 'nodes.2.timeLimit.rungs.transfer', code: 'ladder.wrong_order', message: expect.any(String) },
    ])
  })

  test('the defaults stand in one table and climb', () => {
    const shares = RUNGS.map(rung => DEFAULT_RUNG_PERCENT[rung])
    expect(shares).toEqual([...shares].sort((a, b) => a - b))
    expect(timeLimit.safeParse({ workingSeconds: 0 }).success).toBe(false)
    expect(timeLimit.safeParse({ workingSeconds: 3600, rungs: { warn: 0 } }).success).toBe(false)
    expect(timeLimit.safeParse({ workingSeconds: 3600, rungs: { nobody: 10 } }).success).toBe(false)
  })
})
