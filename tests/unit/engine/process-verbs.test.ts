import { describe, expect, test } from '@jest/globals'
import { type EventOf, type ProcessDraft, processEvent, URGE_COOL_DOWN_MS } from '../../../engine/process/index.ts'
import { approval, Case, company, drawn, end, MINUTE_MS, MONDAY_9, oneStep, process, start } from './support.ts'

const submitted = (form = {}): Case => {
  const opened = new Case()
  opened.submit(form)
  return opened
}
const atFinance = (): Case => {
  const opened = submitted()
  opened.approve('chief')
  return opened
}
const reason = '有原因'
const stepBy = (personIds: string[], more: Parameters<typeof approval>[2] = {}): Case => {
  const opened = new Case(
    process([start('step'), approval('step', personIds, { next: 'last', ...more }), approval('last', ['z']), end]),
  )
  opened.submit({}, 'me')
  return opened
}

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

describe('办理: people do something and say so', () => {
  const handling = (more = {}) => {
    const nodes: ProcessDraft['nodes'] = [
      start('do'),
      {
        id: 'do',
        type: 'handle',
        name: '勘察',
        approvers: [{ type: 'person', personIds: ['a', 'b'] }],
        mode: { type: 'countersign' },
        outputs: ['title'],
        next: 'end',
        ...more,
      },
      end,
    ]
    const opened = new Case(process(nodes))
    opened.submit({}, 'me')
    return opened
  }

  test('what the step must bring out is there before it is left', () => {
    const opened = handling()
    opened.approve('a')
    expect(opened.refusal({ type: 'approve', by: 'b' })).toMatchObject({
      code: 'approval.output_required',
      details: { fields: ['title'] },
    })
    opened.do({ type: 'approve', by: 'b', edits: { title: '可以布线' } })
    expect(opened.current).toMatchObject({ status: 'approved', form: { title: '可以布线' } })
    expect(opened.current.path[1]).toMatchObject({ outcome: 'done' })
    expect(opened.effects[0]).toMatchObject({ type: 'voted', outcome: 'done' })
  })

  test('there is nothing to reject', () => {
    expect(handling().refusal({ type: 'reject', by: 'a', reason }).code).toBe('approval.nothing_to_reject')
  })

  test('nobody named is worded as such', () => {
    const opened = handling({ approvers: [{ type: 'role', role: '无' }] })
    expect(opened.task).toMatchObject({ kind: 'handle', assigneeIds: ['admin1'], reason: '暂无办理人,转管理员' })
  })
})

describe('fields of the form', () => {
  const fields = { amountMinor: 'edit', title: 'read', manager: 'hidden' } as const
  test('only those that the step lets its people edit are edited, with the right type', () => {
    const opened = stepBy(['a'], { fields })
    for (const field of ['title', 'manager', 'dueAt', 'whatever', 'constructor']) {
      expect(opened.refusal({ type: 'approve', by: 'a', edits: { [field]: 'x' } })).toMatchObject({
        code: 'approval.field_not_editable',
        details: { field },
      })
    }
    expect(opened.refusal({ type: 'approve', by: 'a', edits: { amountMinor: '9' } })).toMatchObject({
      code: 'approval.field_invalid',
      details: { field: 'amountMinor' },
    })
    opened.do({ type: 'approve', by: 'a', edits: { amountMinor: 9 } })
    expect(opened.current.form).toEqual({ amountMinor: 9 })
  })

  const strict = process([start('step'), approval('step', ['a']), end], {
    required: ['title', 'experts'],
    fields: {
      title: { type: 'string', label: '标题' },
      experts: { type: 'personList', label: '专家' },
      kind: { type: 'enum', label: '类型', options: [{ value: 'x', label: '甲' }] },
      count: { type: 'number', label: '数量' },
      money: { type: 'money', label: '金额' },
      isUrgent: { type: 'boolean', label: '加急' },
      dueAt: { type: 'date', label: '到期' },
      manager: { type: 'person', label: '经理' },
    },
  })
  const submit = (form: object) =>
    ({ type: 'submit', caseId: 'c', by: 'me', form: { title: 't', experts: ['e'], ...form } }) as never

  test.each([
    ['title', 1],
    ['experts', 'e'],
    ['experts', [1]],
    ['kind', 'y'],
    ['count', '1'],
    ['money', 1.5],
    ['money', 2 ** 53],
    ['isUrgent', 'ja'],
    ['dueAt', '2026-01-01'],
    ['manager', 7],
  ])('a submission with %s = %j is refused', (field, value) => {
    expect(new Case(strict).refusal(submit({ [field]: value }))).toMatchObject({
      code: 'approval.field_invalid',
      details: { field },
    })
  })

  test.each([{ title: ' ', experts: ['e'] }, { title: null }, { title: '' }])('what is required is filled: %j', form => {
    expect(new Case(strict).refusal(submit(form))).toMatchObject({
      code: 'approval.field_required',
      details: { fields: ['title'] },
    })
  })

  test('all that is lacking is told at once, and what is not declared is the subject’s own', () => {
    expect(new Case(strict).refusal(submit({ title: '', experts: [] })).details).toEqual({ fields: ['title', 'experts'] })
    const opened = new Case(strict)
    opened.do(submit({ contractId: 'k1', kind: null }))
    expect(opened.current.form).toMatchObject({ contractId: 'k1' })
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

describe('comment and copy', () => {
  const say = (by: string, text = '请看附件'): EventOf<'comment'> => ({
    type: 'comment',
    by,
    text,
    mentions: ['boss', 'boss'],
    via: 'h5',
  })

  test('a comment is kept with who said it, when, where and to whom', () => {
    const opened = submitted()
    opened.do(say('chief', ' 请看附件 '))
    expect(opened.current.remarks).toEqual([
      { byId: 'chief', at: MONDAY_9, nodeName: '直属上级审批', text: '请看附件', mentionIds: ['boss'], via: 'h5' },
    ])
    expect(opened.effects).toMatchObject([{ type: 'commented', byId: 'chief', text: '请看附件', mentionIds: ['boss'] }])
  })

  test('the submitter, those who decided, those who were told and admins may speak; outsiders may not', () => {
    const opened = atFinance()
    for (const by of ['sales1', 'chief', 'money2', 'admin1']) opened.do(say(by))
    expect(opened.refusal(say('tech1')).code).toBe('approval.not_participant')
    opened.do({ type: 'copy', by: 'sales1', people: ['tech1', 'tech1', 'tech2'], comment: '供参考' })
    expect(opened.effects).toMatchObject([{ type: 'copied', personIds: ['tech1', 'tech2'], byId: 'sales1', comment: '供参考' }])
    opened.do(say('tech1'))
    expect(opened.current.remarks).toHaveLength(5)
  })

  test('whoever knows of the case is not told again; who is gone is not told', () => {
    const opened = submitted()
    opened.people = { ...company, gone: ['ghost'] }
    opened.do({ type: 'copy', by: 'chief', people: ['tech1'] })
    expect(opened.refusal({ type: 'copy', by: 'chief', people: ['tech1'] }).code).toBe('approval.nothing_changed')
    expect(opened.refusal({ type: 'copy', by: 'chief', people: ['ghost'] }).code).toBe('approval.person_inactive')
    expect(opened.refusal({ type: 'copy', by: 'tech2', people: ['tech2'] }).code).toBe('approval.not_participant')
  })

  test('not where the step that asks them does not allow it, not about nothing, and not when all is over', () => {
    const strict = stepBy(['a'], { operations: ['transfer'] })
    expect(strict.refusal(say('a')).code).toBe('approval.operation_not_allowed')
    expect(strict.refusal({ type: 'copy', by: 'a', people: ['x'] }).code).toBe('approval.operation_not_allowed')
    expect(submitted().refusal(say('chief', ' \n')).code).toBe('approval.comment_required')
    const over = submitted()
    over.do({ type: 'withdraw', by: 'sales1' })
    expect(over.refusal(say('sales1')).code).toBe('approval.already_decided')
  })

  test('at most 500 comments', () => {
    const opened = submitted()
    const [remark] = [...opened.do(say('chief')).remarks]
    opened.state = { ...opened.current, remarks: Array(500).fill(remark) }
    expect(opened.refusal(say('chief')).code).toBe('approval.too_many_comments')
  })
})

describe('words', () => {
  test.each(['', '   ', '\n\t'])('a rejection without a reason (%j) is refused', blank => {
    expect(submitted().refusal({ type: 'reject', by: 'chief', reason: blank }).code).toBe('approval.reason_required')
  })

  test('a reason may have 1000 characters, emoji counted as one, and no more', () => {
    expect(submitted().refusal({ type: 'reject', by: 'chief', reason: '😀'.repeat(1001) }).code).toBe('approval.reason_too_long')
    expect(submitted().do({ type: 'reject', by: 'chief', reason: '😀'.repeat(1000) }).status).toBe('rejected')
  })

  test('a comment of 10,000 characters is refused for every verb that takes one', () => {
    const comment = '长'.repeat(10_000)
    const code = 'approval.comment_too_long'
    expect(submitted().refusal({ type: 'approve', by: 'chief', comment }).code).toBe(code)
    expect(submitted().refusal({ type: 'transfer', by: 'chief', to: 'boss', comment }).code).toBe(code)
    expect(submitted().refusal({ type: 'withdraw', by: 'sales1', reason: comment }).code).toBe(code)
    expect(submitted().refusal({ type: 'comment', by: 'chief', text: comment, mentions: [] }).code).toBe(code)
    expect(submitted().refusal({ type: 'copy', by: 'chief', people: ['x'], comment }).code).toBe(code)
    expect(submitted().refusal({ type: 'addSign', by: 'chief', people: ['x'], placement: 'after', comment }).code).toBe(code)
  })
})

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
      { type: 'asked', personId: 'boss' },
    ])
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
