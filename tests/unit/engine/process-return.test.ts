import { describe, expect, test } from '@jest/globals'
import { approval, Case, type Company, drawn, end, MINUTE_MS, MONDAY_9, process, start } from './support.ts'

const people: Company = { superiors: {}, roles: {}, admins: ['admin'] }
const reason = '条款有误'

/** one (a) → two (b) → three (c, d: both) → four (e) */
const chain = () =>
  process(
    [
      start('one'),
      approval('one', ['a'], { next: 'two', timeLimit: { workingSeconds: 3600 } }),
      approval('two', ['b'], { next: 'three' }),
      approval('three', ['c', 'd'], { mode: { type: 'countersign' }, next: 'four' }),
      approval('four', ['e'], { onReject: 'submitter' }),
      end,
    ],
    { required: ['title'] },
  )

const at = (node: string): Case => {
  const opened = new Case(chain(), people)
  opened.submit({ title: '合同' }, 'me')
  const votes = { one: '', two: 'a', three: 'ab', four: 'abcd' }[node] ?? ''
  for (const by of votes) opened.approve(by)
  return opened
}

const sendBack = (by: string, to: string, resume: 'rerun' | 'jumpBack' = 'rerun') =>
  ({ type: 'return', by, to, reason, resume }) as const

describe('退回: the case goes back to a step that it came through', () => {
  test('rerun: everything after that step is done again', () => {
    const opened = at('three')
    opened.approve('c')
    opened.do(sendBack('d', 'one'))
    expect(drawn(opened.current)).toBe('one[a?]')
    opened.approve('a')
    expect(drawn(opened.current)).toBe('two[b?]')
    opened.approve('b')
    expect(drawn(opened.current)).toBe('three[c? d?]')
  })

  test('jumpBack: when that step is done again the case is straight back, and all its people are asked again', () => {
    const opened = at('three')
    opened.approve('c')
    opened.do(sendBack('d', 'one', 'jumpBack'))
    opened.approve('a')
    expect(drawn(opened.current)).toBe('three[c? d?]')
    opened.approve('c')
    opened.approve('d')
    expect(drawn(opened.current)).toBe('four[e?]')
  })

  test('a detour within a detour comes back step by step', () => {
    const opened = at('four')
    opened.do(sendBack('e', 'two', 'jumpBack'))
    opened.do(sendBack('b', 'one', 'jumpBack'))
    opened.approve('a')
    expect(drawn(opened.current)).toBe('two[b?]')
    opened.approve('b')
    expect(drawn(opened.current)).toBe('four[e?]')
  })

  test('a new task with new timers; the old card decides nothing', () => {
    const opened = at('two')
    const { taskId } = opened.task
    opened.wait(MINUTE_MS).do(sendBack('b', 'one'))
    expect(opened.task).toMatchObject({ nodeId: 'one', openedAt: MONDAY_9 + MINUTE_MS, reason: '从「two」退回' })
    expect(opened.effects).toMatchObject([
      { type: 'returned', fromNodeName: 'two', toNodeName: 'one', toSubmitter: false, byId: 'b', reason },
      { type: 'nodeLeft', taskId, outcome: 'returned', byId: 'b' },
      { type: 'released', personId: 'b' },
      { type: 'asked', taskId: opened.task.taskId, personId: 'a' },
      ...Array(5).fill({ type: 'timerSet', taskId: opened.task.taskId, anchorAt: MONDAY_9 + MINUTE_MS }),
    ])
    expect(opened.refusal({ type: 'approve', by: 'b', taskId })).toMatchObject({
      code: 'approval.already_decided',
      details: { outcome: 'returned', byId: 'b' },
    })
  })

  test('the path tells from where, by whom and why', () => {
    const opened = at('two')
    opened.do(sendBack('b', 'one'))
    expect(opened.current.path.at(-1)?.returned).toEqual({ fromEntryId: 'case1-2', byId: 'b', reason, resume: 'rerun' })
  })

  test.each([
    ['itself', 'two'],
    ['a step ahead', 'three'],
    ['no step at all', 'nowhere'],
  ])('not to %s; the refusal names where to', (_, to) => {
    expect(at('two').refusal(sendBack('b', to))).toMatchObject({
      code: 'approval.return_target',
      details: { choices: ['start', 'one'] },
    })
  })

  test('a step behind which the case was sent back is not on its way any more', () => {
    const opened = at('three')
    opened.do(sendBack('c', 'one'))
    expect(opened.refusal(sendBack('a', 'two')).details).toEqual({ choices: ['start'] })
  })

  test('only with a reason, and only where the step allows it', () => {
    expect(at('two').refusal({ ...sendBack('b', 'one'), reason: ' ' }).code).toBe('approval.reason_required')
    const strict = process([
      start('one'),
      approval('one', ['a'], { next: 'two' }),
      approval('two', ['b'], { operations: [] }),
      end,
    ])
    const opened = new Case(strict, people)
    opened.submit({}, 'me')
    opened.approve('a')
    expect(opened.refusal(sendBack('b', 'one')).code).toBe('approval.operation_not_allowed')
  })
})

describe('退回提交人: the submitter is asked to resubmit', () => {
  const returned = (resume: 'rerun' | 'jumpBack' = 'rerun'): Case => {
    const opened = at('three')
    opened.do(sendBack('c', 'start', resume))
    return opened
  }

  test('a to-do for the submitter, who mends the form and sends it again', () => {
    const opened = returned()
    expect(opened.task).toMatchObject({ kind: 'resubmit', nodeId: 'start', assigneeIds: ['me'] })
    opened.do({ type: 'resubmit', by: 'me', form: { amountMinor: 5 }, comment: '已改' })
    expect(opened.current.form).toEqual({ title: '合同', amountMinor: 5 })
    expect(drawn(opened.current)).toBe('one[a?]')
    expect(opened.current.path.at(-2)).toMatchObject({ type: 'start', outcome: 'submitted', byId: 'me', comment: '已改' })
  })

  test('jumpBack: resubmitted, it is straight back', () => {
    const opened = returned('jumpBack')
    opened.do({ type: 'resubmit', by: 'me' })
    expect(drawn(opened.current)).toBe('three[c? d?]')
  })

  test.each([
    ['emptied', { title: '' }, 'approval.field_required'],
    ['mistyped', { amountMinor: 'viel' }, 'approval.field_invalid'],
    ['unknown', { whatever: 1 }, 'approval.field_not_editable'],
  ])('not with a field that is %s', (_, form, code) => {
    expect(returned().refusal({ type: 'resubmit', by: 'me', form }).code).toBe(code)
  })

  test('nobody else resubmits, and nothing is resubmitted that was not sent back', () => {
    expect(returned().refusal({ type: 'resubmit', by: 'a' }).code).toBe('approval.not_submitter')
    expect(at('two').refusal({ type: 'resubmit', by: 'me' }).code).toBe('approval.not_returned')
  })

  test('nobody decides on it meanwhile, and the submitter may withdraw', () => {
    const opened = returned()
    expect(opened.refusal({ type: 'approve', by: 'me' }).code).toBe('approval.already_decided')
    expect(opened.do({ type: 'withdraw', by: 'me' }).status).toBe('withdrawn')
  })

  test('a rejection goes back to the submitter where the step says so, with its reason', () => {
    const opened = at('four')
    opened.do({ type: 'reject', by: 'e', reason })
    expect(drawn(opened.current)).toBe('start')
    expect(opened.effects).toMatchObject([
      { type: 'voted', outcome: 'rejected' },
      { type: 'returned', toSubmitter: true, byId: 'e', reason },
      { type: 'nodeLeft', outcome: 'rejected' },
      { type: 'released', personId: 'e' },
      { type: 'asked', kind: 'resubmit', personId: 'me' },
    ])
    opened.do({ type: 'resubmit', by: 'me' })
    expect(drawn(opened.current)).toBe('one[a?]')
  })
})

describe('撤销: one’s own last decision, while nobody has acted on it', () => {
  test('an approval that took the case on is taken back, and who was asked meanwhile is released', () => {
    const opened = at('one')
    const before = opened.current
    opened.approve('a')
    opened.do({ type: 'retract', by: 'a' })
    expect(opened.current).toMatchObject({ openTasks: before.openTasks, form: before.form, revision: 3 })
    expect(opened.current.path.slice(0, before.path.length)).toEqual(before.path)
    expect(opened.current.path.at(-1)).toMatchObject({ nodeId: 'two', outcome: 'cancelled', byId: 'a' })
    expect(opened.effects).toMatchObject([
      { type: 'retracted', nodeName: 'one', byId: 'a' },
      { type: 'nodeLeft', nodeId: 'two', outcome: 'cancelled' },
      { type: 'released', personId: 'b' },
      { type: 'asked', taskId: 'case1-1', personId: 'a' },
      ...Array(5).fill({ type: 'timerSet', taskId: 'case1-1' }),
    ])
  })

  test('the time limit goes on from where it began', () => {
    const opened = at('one')
    opened.wait(MINUTE_MS).approve('a')
    opened.wait(MINUTE_MS).do({ type: 'retract', by: 'a' })
    const timers = opened.effects.filter(({ type }) => type === 'timerSet')
    expect(timers).toHaveLength(5)
    expect(timers).toMatchObject(Array(5).fill({ anchorAt: MONDAY_9 }))
  })

  test('a rung that has fired stays fired', () => {
    const opened = at('one')
    opened.do({ type: 'timeout', taskId: 'case1-1', rung: '0' })
    opened.approve('a')
    opened.do({ type: 'retract', by: 'a' })
    const set = opened.effects.flatMap(effect => (effect.type === 'timerSet' ? [effect.rung] : []))
    expect(set).toEqual(['1', '2', '3', '4'])
  })

  test('ids are never used twice', () => {
    const opened = at('one')
    opened.approve('a')
    const taken = opened.task.taskId
    opened.do({ type: 'retract', by: 'a' })
    opened.approve('a')
    expect(opened.task.nodeId).toBe('two')
    expect(opened.task.taskId).not.toBe(taken)
  })

  test('a return is taken back, and votes cast before it stand', () => {
    const opened = at('three')
    opened.approve('d')
    opened.do(sendBack('c', 'one'))
    opened.do({ type: 'retract', by: 'c' })
    expect(drawn(opened.current)).toBe('three[c? d+]')
  })

  test('what was edited and who was named with an approval is as before', () => {
    const opened = new Case(
      process([
        start('one'),
        approval('one', ['a'], { fields: { amountMinor: 'edit' }, next: 'two' }),
        approval('two', [], { approvers: [{ type: 'previousChoice' }] }),
        end,
      ]),
      people,
    )
    opened.submit({ amountMinor: 1 }, 'me')
    opened.do({ type: 'approve', by: 'a', edits: { amountMinor: 2 }, choices: { two: ['b'] } })
    expect(opened.current).toMatchObject({ form: { amountMinor: 2 }, choices: { two: ['b'] } })
    opened.do({ type: 'retract', by: 'a' })
    expect(opened.current).toMatchObject({ form: { amountMinor: 1 }, choices: {} })
  })

  test('words, copies and urging stay, and do not come between', () => {
    const opened = at('one')
    opened.approve('a')
    opened.do({ type: 'urge', by: 'me' })
    opened.do({ type: 'comment', by: 'b', text: '请稍等', mentions: [] })
    opened.do({ type: 'retract', by: 'a' })
    expect(opened.current.remarks).toHaveLength(1)
    expect(opened.current.lastUrgedAt).toBe(MONDAY_9)
  })

  test.each<[string, (opened: Case) => void, string]>([
    ['somebody has acted on it', opened => opened.approve('b'), 'approval.retract_too_late'],
    ['it was handed on', opened => opened.do({ type: 'transfer', by: 'b', to: 'x' }), 'approval.retract_too_late'],
    ['the case is over', opened => opened.do({ type: 'withdraw', by: 'me' }), 'approval.retract_too_late'],
    ['it was taken back', opened => opened.do({ type: 'retract', by: 'a' }), 'approval.nothing_to_retract'],
  ])('not once %s', (_, then, code) => {
    const opened = at('one')
    opened.approve('a')
    then(opened)
    expect(opened.refusal({ type: 'retract', by: 'a' }).code).toBe(code)
  })

  test('a decision that ended the case stands', () => {
    const opened = at('one')
    opened.do({ type: 'reject', by: 'a', reason })
    expect(opened.refusal({ type: 'retract', by: 'a' }).code).toBe('approval.retract_too_late')
  })

  test('whoever has decided nothing has nothing to take back', () => {
    expect(at('two').refusal({ type: 'retract', by: 'b' }).code).toBe('approval.nothing_to_retract')
  })

  test('not when a command was begun', () => {
    const ordering = process([
      start('one'),
      approval('one', ['a'], { next: 'order' }),
      { id: 'order', type: 'service', name: '下单', command: 'orders.place', input: {}, next: 'end' },
      end,
    ])
    const opened = new Case(ordering, people)
    opened.submit({}, 'me')
    opened.approve('a')
    expect(opened.refusal({ type: 'retract', by: 'a' }).code).toBe('approval.retract_too_late')
  })
})
