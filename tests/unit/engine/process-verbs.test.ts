import { describe, expect, test } from '@jest/globals'
import {
  durations,
  handOffs,
  type ProcessDefinition,
  type ProcessEvent,
  previewRoute,
  processEvent,
  transition,
  URGE_COOL_DOWN_MS,
} from '../../../engine/process/index.ts'
import { Case, type Company, company, MINUTE_MS, MONDAY_9, oneStep, stepsOf } from './support.ts'

const submitted = (form = { type: '其他', amountMinor: 100 }): Case => {
  const opened = new Case()
  opened.submit(form)
  return opened
}
const atFinance = (): Case => {
  const opened = submitted()
  opened.approve('chief')
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

  test('a task that the case never had is unknown', () => {
    expect(submitted().refusal({ type: 'approve', by: 'chief', taskId: 'case2-1' }).code).toBe('approval.unknown_task')
  })
})

describe('who is asked when the rule does not say', () => {
  const assigned = (definition: ProcessDefinition, people: Company, by: string, form = {}) => {
    const opened = new Case(definition, people)
    opened.submit(form, by)
    return opened
  }

  test('a submitter who holds the role leaves it to the other holders', () => {
    const opened = assigned(oneStep([{ type: 'role', role: '财务' }]), company, 'money1')
    expect(opened.task).toMatchObject({ assigneeIds: ['money2'] })
    expect(opened.task.reason).toBeUndefined()
  })

  test('a submitter who is the only holder is decided by the own superior', () => {
    const opened = assigned(oneStep([{ type: 'person', personIds: ['tech1'] }]), company, 'tech1')
    expect(opened.task).toMatchObject({ assigneeIds: ['chief'], reason: '提交人不能审批自己的申请,转直属上级' })
  })

  test('without a superior the admins stand in for the submitter', () => {
    const opened = assigned(oneStep([{ type: 'role', role: '副总' }]), company, 'boss')
    expect(opened.task).toMatchObject({ assigneeIds: ['admin1'], reason: '提交人不能审批自己的申请,转管理员' })
  })

  test('a step that nobody holds goes to the admins', () => {
    const opened = assigned(oneStep([{ type: 'role', role: '法务' }]), company, 'sales1')
    expect(opened.task).toMatchObject({ assigneeIds: ['admin1'], reason: '暂无审批人,转管理员' })
  })

  test('the routing’s sentence and the note stand together', () => {
    const people = { ...company, roles: { ...company.roles, 副总: [] } }
    const opened = new Case(undefined, people)
    opened.submit({ type: '其他', amountMinor: 62_000_000 })
    opened.approve('chief')
    opened.approve('money1')
    expect(opened.task.reason).toBe('金额 620,000.00 > 500,000.00 → 副总;暂无审批人,转管理员')
  })

  test('several rules on one step name everybody once', () => {
    const rules = oneStep([
      { type: 'role', role: '技术' },
      { type: 'superior' },
      { type: 'person', personIds: ['chief', 'tech2'] },
    ])
    expect(assigned(rules, company, 'sales1').task.assigneeIds).toEqual(['tech1', 'tech2', 'chief'])
  })

  test('a member field names the person in the form; an empty one names nobody', () => {
    const rules = oneStep([{ type: 'memberField', field: 'manager' }])
    expect(assigned(rules, company, 'sales1', { manager: 'tech2' }).task.assigneeIds).toEqual(['tech2'])
    expect(assigned(rules, company, 'sales1', { manager: '' }).task.assigneeIds).toEqual(['admin1'])
  })

  test('the engine asks for a department head and for nothing else', () => {
    const definition = oneStep([{ type: 'departmentHead' }])
    const submit: ProcessEvent = { type: 'submit', caseId: 'case1', by: 'sales1', form: {} }
    expect(transition(definition, null, submit, { now: MONDAY_9, answers: {} })).toEqual({
      kind: 'needs',
      needs: [{ type: 'departmentHead', personId: 'sales1', key: 'departmentHead:sales1' }],
    })
  })
})

describe('incidents', () => {
  const nobody: Company = { superiors: {}, roles: {}, admins: [] }

  test('with nobody to ask and no admin the case stands still and says so; it never passes', () => {
    const opened = new Case(undefined, nobody)
    opened.submit()
    expect(opened.current).toMatchObject({
      status: 'incident',
      openTasks: [],
      incident: { nodeId: 'superior', code: 'no_approver', since: MONDAY_9 },
    })
    expect(opened.effects).toMatchObject([{ type: 'incidentRaised', code: 'no_approver', why: opened.current.incident?.why }])
  })

  test.each([
    ['missing', { type: '其他' }, '「按金额」金额 未填写,无法判断'],
    ['mistyped', { type: '其他', amountMinor: '620000' }, '「按金额」金额 填写有误,无法判断'],
  ])('a %s value stops the case instead of counting as false', (_, form, why) => {
    const opened = new Case()
    opened.submit(form)
    opened.approve('chief')
    opened.approve('money1')
    expect(opened.current).toMatchObject({ status: 'incident', incident: { nodeId: 'byAmount', code: 'undecidable', why } })
  })

  const stuckAtAmount = (): Case => {
    const opened = new Case()
    opened.submit({ type: '其他' })
    opened.approve('chief')
    opened.approve('money1')
    return opened
  }

  test('an admin says which way to go where no branch could be chosen', () => {
    const opened = stuckAtAmount()
    expect(opened.refusal({ type: 'resolve', by: 'admin1' })).toMatchObject({
      code: 'approval.branch_required',
      details: { choices: ['deputy', 'end'] },
    })
    expect(opened.refusal({ type: 'resolve', by: 'admin1', goTo: 'start' }).code).toBe('approval.branch_required')
    opened.do({ type: 'resolve', by: 'admin1', goTo: 'deputy', via: 'h5' })
    expect(opened.current.status).toBe('running')
    expect(opened.current.incident).toBeUndefined()
    expect(opened.task).toMatchObject({ name: '副总审批', assigneeIds: ['boss'] })
    expect(opened.current.path.at(-2)).toMatchObject({
      nodeId: 'byAmount',
      byId: 'admin1',
      reason: '由管理员指定 → 副总审批',
      via: 'h5',
    })
  })

  const stuckWithoutApprover = (people: Company): Case => {
    const opened = new Case(undefined, nobody)
    opened.submit()
    const later = new Case(undefined, people)
    later.state = opened.current
    return later.wait(MINUTE_MS)
  }

  test('an admin names the approvers of a step that has none', () => {
    const opened = stuckWithoutApprover({ ...nobody, admins: ['admin1'] })
    opened.do({ type: 'resolve', by: 'admin1', assign: ['tech2', 'tech2'] })
    expect(opened.task).toMatchObject({ assigneeIds: ['tech2'], reason: '由管理员指定审批人', openedAt: MONDAY_9 + MINUTE_MS })
    expect(stepsOf(opened.current)).toEqual(['直属上级审批'])
    expect(opened.effects).toMatchObject([{ type: 'taskOpened', assigneeIds: ['tech2'] }])
  })

  test('once a superior is known, resolving without names asks the rule again', () => {
    const opened = stuckWithoutApprover({ ...nobody, superiors: { sales1: 'chief' }, admins: ['admin1'] })
    opened.do({ type: 'resolve', by: 'admin1' })
    expect(opened.task.assigneeIds).toEqual(['chief'])
  })

  test('an admin who submitted the case cannot decide it alone, nor be assigned', () => {
    const opened = stuckWithoutApprover({ ...nobody, admins: ['sales1'] })
    expect(opened.refusal({ type: 'resolve', by: 'sales1' }).code).toBe('approval.assign_required')
    expect(opened.refusal({ type: 'resolve', by: 'sales1', assign: ['sales1'] }).code).toBe('approval.assign_submitter')
  })

  test('an admin may not choose the way of the own case, which could end it', () => {
    const opened = stuckAtAmount()
    const own = new Case(undefined, { ...company, admins: ['sales1'] })
    own.state = opened.current
    expect(own.refusal({ type: 'resolve', by: 'sales1', goTo: 'end' }).code).toBe('approval.own_case')
  })

  test('only an admin resolves, and only an incident', () => {
    expect(stuckAtAmount().refusal({ type: 'resolve', by: 'boss', goTo: 'end' }).code).toBe('approval.not_admin')
    expect(submitted().refusal({ type: 'resolve', by: 'admin1', assign: ['boss'] }).code).toBe('approval.no_incident')
  })

  test('the submitter may withdraw a case that stands still', () => {
    const opened = stuckAtAmount()
    opened.do({ type: 'withdraw', by: 'sales1' })
    expect(opened.current).toMatchObject({ status: 'withdrawn', finishedAt: MONDAY_9 })
    expect(opened.current.incident).toBeUndefined()
    expect(opened.current.path.at(-1)).toMatchObject({ nodeId: 'byAmount', outcome: 'withdrawn', byId: 'sales1' })
  })

  test('urging a case that stands still tells why it does', () => {
    const why = '「按金额」金额 未填写,无法判断'
    expect(stuckAtAmount().refusal({ type: 'urge', by: 'sales1' })).toMatchObject({ code: 'approval.incident', details: { why } })
  })

  test('branches in a circle stop the case', () => {
    const circle: ProcessDefinition = {
      ...oneStep([{ type: 'superior' }]),
      nodes: [
        { id: 'start', type: 'start', name: '提交', next: 'a' },
        { id: 'a', type: 'exclusive', name: '甲', branches: [], otherwise: 'b' },
        { id: 'b', type: 'exclusive', name: '乙', branches: [{ when: { any: [] }, next: 'end' }], otherwise: 'a' },
        { id: 'end', type: 'end', name: '结束' },
      ],
    }
    const opened = new Case(circle)
    opened.submit()
    expect(opened.current.incident).toMatchObject({ code: 'endless', nodeId: 'a' })
  })
})

describe('a step that the case enters again', () => {
  const again: ProcessDefinition = {
    ...oneStep([{ type: 'superior' }]),
    nodes: [
      { id: 'start', type: 'start', name: '提交', next: 'step' },
      { id: 'step', type: 'approval', name: '审批', approvers: [{ type: 'superior' }], mode: 'anyOf', next: 'gate' },
      { id: 'gate', type: 'exclusive', name: '分支', branches: [{ when: { any: [] }, next: 'end' }], otherwise: 'step' },
      { id: 'end', type: 'end', name: '结束' },
    ],
  }

  test('has a new task, and the old card decides nothing there', () => {
    const opened = new Case(again)
    opened.submit({})
    const { taskId } = opened.task
    opened.approve('chief')
    expect(opened.task).toMatchObject({ nodeId: 'step', assigneeIds: ['chief'] })
    expect(opened.task.taskId).not.toBe(taskId)
    expect(opened.refusal({ type: 'approve', by: 'chief', taskId }).code).toBe('approval.already_decided')
  })

  test('is told in the preview, which does not go round forever', () => {
    const env = { now: MONDAY_9, answers: { 'superior:sales1': ['chief'] } }
    expect(previewRoute(again, { by: 'sales1', form: {} }, env)).toEqual({
      kind: 'route',
      steps: [{ nodeId: 'step', name: '审批', assigneeIds: ['chief'] }],
      stop: '「审批」之后又回到这一步,走不到结束',
    })
  })
})

describe('words', () => {
  test.each(['', '   ', '\n\t'])('a rejection without a reason (%j) is refused', reason => {
    expect(submitted().refusal({ type: 'reject', by: 'chief', reason }).code).toBe('approval.reason_required')
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
  })
})

describe('transfer', () => {
  test('the new person takes the place of the old one; other holders stay', () => {
    const opened = atFinance()
    opened.do({ type: 'transfer', by: 'money1', to: 'tech1', comment: '请看条款', via: 'dingtalk' })
    expect(opened.task.assigneeIds).toEqual(['tech1', 'money2'])
    expect(opened.effects).toMatchObject([
      { type: 'taskTransferred', fromId: 'money1', toId: 'tech1', assigneeIds: ['tech1', 'money2'], comment: '请看条款' },
    ])
    expect(opened.current.path.at(-1)?.transfers).toEqual([
      { fromId: 'money1', toId: 'tech1', at: MONDAY_9, comment: '请看条款', via: 'dingtalk' },
    ])
    expect(opened.refusal({ type: 'approve', by: 'money1', taskId: opened.task.taskId }).code).toBe('approval.not_assignee')
    expect(opened.approve('tech1').status).toBe('approved')
  })

  test.each([
    ['oneself', 'money1', 'approval.transfer_to_self'],
    ['somebody who may decide anyway', 'money2', 'approval.transfer_to_assignee'],
    ['the submitter', 'sales1', 'approval.transfer_to_submitter'],
  ])('to %s is refused', (_, to, code) => {
    expect(atFinance().refusal({ type: 'transfer', by: 'money1', to }).code).toBe(code)
  })

  test('only a person who may decide can hand on', () => {
    expect(atFinance().refusal({ type: 'transfer', by: 'tech1', to: 'tech2' }).code).toBe('approval.not_assignee')
  })
})

describe('withdraw', () => {
  test('the submitter takes a running case back, and every open card closes', () => {
    const opened = atFinance()
    opened.wait(MINUTE_MS).do({ type: 'withdraw', by: 'sales1', reason: '金额写错了' })
    expect(opened.current).toMatchObject({ status: 'withdrawn', openTasks: [] })
    expect(opened.effects).toMatchObject([
      { type: 'taskClosed', outcome: 'withdrawn', byId: 'sales1', assigneeIds: ['money1', 'money2'] },
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
      details: { outcome: 'rejected', byId: 'chief' },
    })
  })
})

describe('urge', () => {
  test('the submitter reminds those who are asked', () => {
    const opened = atFinance()
    opened.do({ type: 'urge', by: 'sales1' })
    expect(opened.effects).toMatchObject([{ type: 'urged', taskId: opened.task.taskId, assigneeIds: ['money1', 'money2'] }])
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

  test('others do not urge', () => {
    expect(submitted().refusal({ type: 'urge', by: 'chief' }).code).toBe('approval.not_submitter')
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
    const broken = {
      ...oneStep([{ type: 'superior' }]),
      nodes: oneStep([{ type: 'superior' }]).nodes.filter(({ id }) => id !== 'end'),
    }
    const opened = new Case(broken)
    opened.submit({})
    expect(opened.refusal({ type: 'approve', by: 'chief' }).code).toBe('approval.definition_invalid')
  })

  test('hand-offs count the steps asked and the transfers', () => {
    const opened = atFinance()
    opened.do({ type: 'transfer', by: 'money1', to: 'tech1' })
    expect(handOffs(opened.current)).toBe(3)
  })

  test('each step knows how long it took, the open one up to now', () => {
    const opened = submitted()
    opened.wait(10 * MINUTE_MS).approve('chief')
    expect(durations(opened.current, opened.now + 5 * MINUTE_MS)).toEqual([
      {
        nodeId: 'superior',
        name: '直属上级审批',
        enteredAt: MONDAY_9,
        leftAt: MONDAY_9 + 10 * MINUTE_MS,
        durationMs: 10 * MINUTE_MS,
      },
      { nodeId: 'finance', name: '财务审批', enteredAt: MONDAY_9 + 10 * MINUTE_MS, durationMs: 5 * MINUTE_MS },
    ])
  })

  test.each<[string, unknown]>([
    ['an unknown verb', { type: 'force', by: 'chief' }],
    ['an operator in the form', { type: 'submit', caseId: 'c', by: 'a', form: { $where: '1' } }],
    ['an object in the form', { type: 'submit', caseId: 'c', by: 'a', form: { amountMinor: { $gt: 0 } } }],
    ['nobody who acts', { type: 'approve', by: '' }],
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
