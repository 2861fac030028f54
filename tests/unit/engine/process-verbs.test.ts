import { describe, expect, test } from '@jest/globals'
import { processEvent, URGE_COOL_DOWN_MS } from '../../../engine/process/index.ts'
import {
  approval,
  atFinance,
  Case,
  company,
  end,
  MINUTE_MS,
  MONDAY_9,
  oneStep,
  process,
  start,
  stepBy,
  submitted,
} from './support.ts'

const reason = '有原因'

describe('who may decide', () => {
  test('a person who is not asked is refused', () => {
    expect(submitted().refusal({ type: 'approve', by: 'money1' })).toMatchObject({ code: 'approval.not_assignee', details: {} })
  })

  test('the submitter may not decide the own case', () => {
    expect(submitted().refusal({ type: 'approve', by: 'sales1' }).code).toBe('approval.not_assignee')
  })

  test('of two holders of a role the first one decides and the second is told the committed outcome', () => {
    const opened = atFinance()
    const { taskId } = opened.task
    opened.wait(MINUTE_MS).do({ type: 'reject', by: 'money1', reason: '回款条件不清' })
    expect(opened.refusal({ type: 'approve', by: 'money2', taskId })).toEqual({
      kind: 'refused',
      code: 'approval.already_decided',
      details: { outcome: 'rejected', byId: 'money1', at: MONDAY_9 + MINUTE_MS, nodeName: '财务审批' },
    })
  })

  test('a stale click is told the outcome of its own step, though the case went on', () => {
    const opened = submitted()
    const { taskId } = opened.task
    opened.approve('chief')
    expect(opened.refusal({ type: 'reject', by: 'chief', taskId, reason: 'x' })).toMatchObject({
      code: 'approval.already_decided',
      details: { outcome: 'approved', byId: 'chief', nodeName: '直属上级审批' },
    })
  })

  test('saying it twice without naming the task changes nothing', () => {
    const opened = submitted()
    opened.approve('chief')
    expect(opened.refusal({ type: 'approve', by: 'chief' }).code).toBe('approval.already_decided')
  })

  test('an outsider with a forwarded card is not told how a case ended', () => {
    const opened = submitted()
    const { taskId } = opened.task
    opened.do({ type: 'reject', by: 'chief', reason: '不做' })
    expect(opened.refusal({ type: 'approve', by: 'money1', taskId })).toMatchObject({
      code: 'approval.not_assignee',
      details: {},
    })
    expect(opened.refusal({ type: 'approve', by: 'money1' })).toMatchObject({ code: 'approval.not_assignee', details: {} })
  })

  test.each(['case2-1', 'case1-0', 'case1-9', '__proto__'])('a task that the case never had is unknown: %s', taskId => {
    expect(submitted().refusal({ type: 'approve', by: 'chief', taskId }).code).toBe('approval.unknown_task')
  })
})

describe('transfer', () => {
  test('the new person takes the place of the old one; other holders stay', () => {
    const opened = atFinance()
    opened.do({ type: 'transfer', by: 'money1', to: 'tech1', comment: '请看条款', via: 'dingtalk' })
    expect(opened.task.assigneeIds).toEqual(['tech1', 'money2'])
    expect(opened.effects).toMatchObject([
      { type: 'transferred', fromId: 'money1', toId: 'tech1', why: 'asked', comment: '请看条款' },
      { type: 'released', personId: 'money1' },
      { type: 'asked', personId: 'tech1' },
    ])
    expect(opened.current.path.at(-1)?.seats[0]?.transfers).toEqual([
      { fromId: 'money1', toId: 'tech1', at: MONDAY_9, why: 'asked', comment: '请看条款', via: 'dingtalk' },
    ])
    expect(opened.refusal({ type: 'approve', by: 'money1', taskId: opened.task.taskId }).code).toBe('approval.not_assignee')
    expect(opened.approve('tech1').status).toBe('approved')
  })

  test.each([
    ['oneself', 'money1', 'approval.transfer_to_self'],
    ['somebody who may decide anyway', 'money2', 'approval.transfer_to_assignee'],
    ['the submitter', 'sales1', 'approval.transfer_to_submitter'],
    ['somebody who is gone', 'ghost', 'approval.person_inactive'],
  ])('to %s is refused', (_, to, code) => {
    const opened = atFinance()
    opened.people = { ...company, gone: ['ghost'] }
    expect(opened.refusal({ type: 'transfer', by: 'money1', to }).code).toBe(code)
  })

  test('only a person who may decide can hand on, and only where the step allows it', () => {
    expect(atFinance().refusal({ type: 'transfer', by: 'tech1', to: 'tech2' }).code).toBe('approval.not_assignee')
    expect(stepBy(['a'], { operations: ['comment'] }).refusal({ type: 'transfer', by: 'a', to: 'b' })).toMatchObject({
      code: 'approval.operation_not_allowed',
      details: { operation: 'transfer' },
    })
  })
})

describe('withdraw', () => {
  test('the submitter takes a running case back, and every open card closes', () => {
    const opened = atFinance()
    opened.wait(MINUTE_MS).do({ type: 'withdraw', by: 'sales1', reason: '金额写错了' })
    expect(opened.current).toMatchObject({ status: 'withdrawn', openTasks: [] })
    expect(opened.effects.filter(({ type }) => !type.startsWith('timer'))).toMatchObject([
      { type: 'nodeLeft', outcome: 'withdrawn', byId: 'sales1' },
      { type: 'released', personId: 'money1' },
      { type: 'released', personId: 'money2' },
      { type: 'finalised', outcome: 'withdrawn', byId: 'sales1', reason: '金额写错了' },
    ])
    expect(opened.refusal({ type: 'approve', by: 'money1' })).toMatchObject({
      code: 'approval.already_decided',
      details: { outcome: 'withdrawn', byId: 'sales1' },
    })
  })

  test('nobody else withdraws, and nothing withdraws a finished case', () => {
    const opened = submitted()
    expect(opened.refusal({ type: 'withdraw', by: 'chief' }).code).toBe('approval.not_submitter')
    opened.do({ type: 'reject', by: 'chief', reason: '不做' })
    expect(opened.refusal({ type: 'withdraw', by: 'sales1' })).toMatchObject({
      code: 'approval.already_decided',
      details: { outcome: 'rejected', byId: 'chief', nodeName: '直属上级审批' },
    })
  })
})

describe('urge', () => {
  test('the submitter reminds those who are asked', () => {
    const opened = atFinance()
    opened.do({ type: 'urge', by: 'sales1' })
    expect(opened.effects).toMatchObject([{ type: 'urged', taskId: opened.task.taskId, personIds: ['money1', 'money2'] }])
  })

  test('who has voted is not reminded', () => {
    const opened = stepBy(['a', 'b'], { mode: { type: 'countersign' } })
    opened.approve('a')
    opened.do({ type: 'urge', by: 'me' })
    expect(opened.effects).toMatchObject([{ type: 'urged', personIds: ['b'] }])
  })

  test('again only after 30 minutes, to the millisecond, and the refusal says when', () => {
    const opened = submitted()
    opened.do({ type: 'urge', by: 'sales1' })
    expect(opened.wait(URGE_COOL_DOWN_MS - 1).refusal({ type: 'urge', by: 'sales1' })).toMatchObject({
      code: 'approval.urge_too_soon',
      details: { nextAt: MONDAY_9 + URGE_COOL_DOWN_MS },
    })
    expect(opened.wait(1).do({ type: 'urge', by: 'sales1' }).lastUrgedAt).toBe(MONDAY_9 + URGE_COOL_DOWN_MS)
  })

  test('others do not urge, and nobody is urged who sent the case back', () => {
    expect(submitted().refusal({ type: 'urge', by: 'chief' }).code).toBe('approval.not_submitter')
    const returned = submitted()
    returned.do({ type: 'return', by: 'chief', to: 'start', reason, resume: 'rerun' })
    expect(returned.refusal({ type: 'urge', by: 'sales1' }).code).toBe('approval.nobody_to_urge')
  })
})

describe('the case itself', () => {
  test('is submitted once, and nothing happens to one that is unknown', () => {
    expect(submitted().refusal({ type: 'submit', caseId: 'case1', by: 'sales1', form: {} }).code).toBe(
      'approval.already_submitted',
    )
    expect(new Case().refusal({ type: 'approve', by: 'chief' }).code).toBe('approval.unknown_case')
  })

  test('stays on its version of the definition', () => {
    const opened = submitted()
    const newer = new Case({ ...opened.definition, version: 2 })
    newer.state = opened.current
    expect(newer.refusal({ type: 'approve', by: 'chief' }).code).toBe('approval.definition_mismatch')
  })

  test('a definition that leads nowhere refuses and changes nothing', () => {
    const definition = oneStep([{ type: 'superior' }])
    const opened = new Case({ ...definition, nodes: definition.nodes.filter(({ id }) => id !== 'end') })
    opened.submit({})
    expect(opened.refusal({ type: 'approve', by: 'chief' }).code).toBe('approval.definition_invalid')
  })

  test('a step that it enters again has a new task, and the old card decides nothing there', () => {
    const opened = new Case(
      process([
        start('step'),
        approval('step', ['a'], { next: 'gate' }),
        { id: 'gate', type: 'exclusive', name: '分支', branches: [{ when: { any: [] }, next: 'end' }], otherwise: 'step' },
        end,
      ]),
    )
    opened.submit()
    const { taskId } = opened.task
    opened.approve('a')
    expect(opened.task).toMatchObject({ nodeId: 'step', assigneeIds: ['a'] })
    expect(opened.task.taskId).not.toBe(taskId)
    expect(opened.refusal({ type: 'approve', by: 'a', taskId }).code).toBe('approval.already_decided')
  })

  test.each<[string, unknown]>([
    ['an unknown verb', { type: 'force', by: 'chief' }],
    ['an operator in the form', { type: 'submit', caseId: 'c', by: 'a', form: { $where: '1' } }],
    ['an object in the form', { type: 'submit', caseId: 'c', by: 'a', form: { amountMinor: { $gt: 0 } } }],
    ['nobody who acts', { type: 'approve', by: '' }],
    ['a crowd to add', { type: 'addSign', by: 'a', people: Array(51).fill('x'), placement: 'after' }],
    ['nobody to add', { type: 'addSign', by: 'a', people: [], placement: 'after' }],
  ])('%s is no event', (_, input) => {
    expect(processEvent.safeParse(input).success).toBe(false)
  })

  test('a prototype in the form is dropped', () => {
    const event = processEvent.parse(
      JSON.parse('{"type":"submit","caseId":"c","by":"a","form":{"__proto__":["x"],"amountMinor":1}}'),
    )
    expect(event.type === 'submit' && Object.entries(event.form)).toEqual([['amountMinor', 1]])
    expect(event.type === 'submit' && Object.getPrototypeOf(event.form)).toBe(Object.prototype)
  })
})
