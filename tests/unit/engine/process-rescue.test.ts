import { describe, expect, test } from '@jest/globals'
import type { EventOf } from '../../../engine/process/index.ts'
import { Case, company, drawn, stepBy, submitted } from './support.ts'

const reason = '有原因'

describe('admin rescue', () => {
  const taskId = 'case1-1'
  const skip: EventOf<'skip'> = { type: 'skip', by: 'admin1', taskId, reason }
  const reroute: EventOf<'reroute'> = { type: 'reroute', by: 'admin1', taskId, to: 'deputy', reason }
  const reassign: EventOf<'reassign'> = { type: 'reassign', by: 'admin1', taskId, people: ['boss'], reason }
  const terminate: EventOf<'terminate'> = { type: 'terminate', by: 'admin1', reason }

  test('skip: the case goes on without the step', () => {
    const opened = submitted()
    opened.do(skip)
    expect(opened.task.name).toBe('财务审批')
    expect(opened.current.path[1]).toMatchObject({ outcome: 'skipped', byId: 'admin1', comment: reason })
  })

  test('reroute: the case goes to another step, which says why', () => {
    const opened = submitted()
    opened.do(reroute)
    expect(opened.task).toMatchObject({ name: '副总审批', reason: '由管理员改道 → 副总审批' })
  })

  test('reassign: other people are asked at the same step', () => {
    const opened = submitted()
    opened.do(reassign)
    expect(opened.task).toMatchObject({ taskId, assigneeIds: ['boss'] })
    expect(opened.effects).toMatchObject([
      { type: 'transferred', fromId: 'chief', toId: 'boss', why: 'admin', comment: reason },
      { type: 'released', personId: 'chief' },
      { type: 'asked', personId: 'boss', reason: '由管理员指定审批人' },
    ])
    opened.do({ ...reassign, people: ['tech1'] })
    expect(opened.task.reason).toBe('由管理员指定审批人')
  })

  test('reassign puts aside who was added and has not voted, and asks again at the seat', () => {
    const opened = stepBy(['a', 'b'], { mode: { type: 'countersign' } })
    opened.do({ type: 'addSign', by: 'a', people: ['d', 'e'], placement: 'before' })
    opened.approve('d')
    opened.do({ ...reassign, people: ['x', 'y'] })
    expect(drawn(opened.current)).toBe('step[x? y? d+ ex]')
  })

  test('terminate: the case ends', () => {
    const opened = submitted()
    opened.do(terminate)
    expect(opened.current).toMatchObject({ status: 'terminated', openTasks: [] })
    expect(opened.effects.at(-1)).toMatchObject({ type: 'finalised', outcome: 'terminated', byId: 'admin1', reason })
    expect(opened.refusal({ type: 'approve', by: 'chief' })).toMatchObject({
      code: 'approval.already_decided',
      details: { outcome: 'terminated', byId: 'admin1' },
    })
  })

  test('skipping a case that was sent back takes it on without its submitter', () => {
    const opened = submitted()
    opened.do({ type: 'return', by: 'chief', to: 'start', reason, resume: 'rerun' })
    opened.do({ ...skip, taskId: opened.task.taskId })
    expect(opened.task.name).toBe('直属上级审批')
  })

  test.each([skip, reroute, reassign, terminate])('only an admin: $type', event => {
    expect(submitted().refusal({ ...event, by: 'boss' }).code).toBe('approval.not_admin')
  })

  test.each([skip, reroute, reassign])('not the own case: $type', event => {
    const opened = new Case(undefined, { ...company, admins: ['sales1'] })
    opened.submit()
    expect(opened.refusal({ ...event, by: 'sales1' }).code).toBe('approval.own_case')
  })

  test.each([skip, reroute, reassign, terminate])('only with a reason: $type', event => {
    expect(submitted().refusal({ ...event, reason: ' ' }).code).toBe('approval.reason_required')
  })

  test.each([skip, reroute, reassign])('not at a step that is over, nor at one that never was: $type', event => {
    const opened = submitted()
    opened.approve('chief')
    expect(opened.refusal(event)).toMatchObject({ code: 'approval.already_decided', details: { outcome: 'approved' } })
    expect(opened.refusal({ ...event, taskId: 'case1-77' }).code).toBe('approval.unknown_task')
  })

  test.each([
    ['the submitter', ['sales1'], 'approval.assign_submitter'],
    ['somebody who is gone', ['ghost'], 'approval.person_inactive'],
  ])('no task goes to %s', (_, whom, code) => {
    const opened = submitted()
    opened.people = { ...company, gone: ['ghost'] }
    expect(opened.refusal({ ...reassign, people: whom }).code).toBe(code)
  })

  test('no task goes to somebody whose turn is still to come', () => {
    const opened = stepBy(['a', 'b'], { mode: { type: 'sequential' } })
    expect(opened.refusal({ ...reassign, people: ['b'] }).code).toBe('approval.transfer_to_assignee')
  })
})
