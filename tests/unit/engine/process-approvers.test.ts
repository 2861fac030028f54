import { describe, expect, test } from '@jest/globals'
import {
  type ProcessDefinition,
  type ProcessEvent,
  type ProcessForm,
  previewRoute,
  transition,
} from '../../../engine/process/index.ts'
import { approval, Case, type Company, company, drawn, end, MONDAY_9, oneStep, process, start } from './support.ts'

const asked = (definition: ProcessDefinition, people: Company = company, by = 'sales1', form: ProcessForm = {}): Case => {
  const opened = new Case(definition, people)
  opened.submit(form, by)
  return opened
}

const person = (...personIds: string[]) => ({ type: 'person', personIds }) as const

describe('whom the rules name', () => {
  const group: Company = {
    ...company,
    groups: { 评审组: ['x', 'y'] },
    superiors: { sales1: 'chief', chief: 'boss', boss: 'owner' },
  }
  test.each<[string, Parameters<typeof oneStep>[0], string[], ProcessForm?]>([
    ['people', [person('x', 'y')], ['x', 'y']],
    ['the holders of a role', [{ type: 'role', role: '技术' }], ['tech1', 'tech2']],
    ['the members of a group', [{ type: 'group', group: '评审组' }], ['x', 'y']],
    ['the head of the department', [{ type: 'departmentHead' }], ['chief']],
    ['the direct superior', [{ type: 'superior' }], ['chief']],
    ['the superior two levels up', [{ type: 'superior', level: 2 }], ['boss']],
    ['above the top: the highest there is', [{ type: 'superior', level: 9 }], ['owner']],
    ['the superiors up to a level', [{ type: 'superiors', levels: 2 }], ['chief', 'boss']],
    ['the superiors as far as they go', [{ type: 'superiors', levels: 9 }], ['chief', 'boss', 'owner']],
    ['the person in a field of the form', [{ type: 'memberField', field: 'manager' }], ['tech2'], { manager: 'tech2' }],
    ['the people in a field of the form', [{ type: 'memberField', field: 'experts' }], ['x', 'y'], { experts: ['x', 'y'] }],
    [
      'several rules, everybody once',
      [{ type: 'role', role: '技术' }, { type: 'superior' }, person('chief', 'tech2')],
      ['tech1', 'tech2', 'chief'],
    ],
  ])('%s', (_, rules, ids, form = {}) => {
    expect(asked(oneStep(rules), group, 'sales1', form).task.assigneeIds).toEqual(ids)
  })

  test('逐级上级 with mode sequential: level by level', () => {
    const opened = asked(oneStep([{ type: 'superiors', levels: 3 }], { mode: { type: 'sequential' } }), group)
    expect(drawn(opened.current)).toBe('step[chief? boss. owner.]')
  })

  test('superiors in a circle end where it closes', () => {
    const circle = { ...company, superiors: { sales1: 'chief', chief: 'boss', boss: 'chief' } }
    expect(asked(oneStep([{ type: 'superiors', levels: 9 }]), circle).task.assigneeIds).toEqual(['chief', 'boss'])
  })

  test('the engine asks for a department head and for nothing else', () => {
    const submit: ProcessEvent = { type: 'submit', caseId: 'case1', by: 'sales1', form: {} }
    expect(transition(oneStep([{ type: 'departmentHead' }]), null, submit, { now: MONDAY_9, answers: {} })).toEqual({
      kind: 'needs',
      needs: [{ type: 'departmentHead', personId: 'sales1', key: 'departmentHead:sales1' }],
    })
  })

  test('all that can be asked for at once is, over all branches', () => {
    const definition = process([
      start('fork'),
      { id: 'fork', type: 'parallel', name: '并行', branches: [{ next: 'a' }, { next: 'b' }], join: 'join' },
      approval('a', [], { approvers: [{ type: 'role', role: '技术' }, { type: 'superior' }], next: 'join' }),
      approval('b', ['x', 'y'], { next: 'join' }),
      { id: 'join', type: 'join', name: '汇合', next: 'end' },
      end,
    ])
    const submit: ProcessEvent = { type: 'submit', caseId: 'case1', by: 'sales1', form: {} }
    const result = transition(definition, null, submit, { now: MONDAY_9, answers: {} })
    if (result.kind !== 'needs') throw new Error('expected needs')
    expect(result.needs.map(({ key }) => key)).toEqual(['role:技术', 'superior:sales1', 'person:x', 'person:y'])
  })
})

describe('the submitter is named', () => {
  const own = (whenSubmitter?: 'superior' | 'admins' | 'pass' | 'self', by = 'tech1', ids = [by]) =>
    asked(oneStep([person(...ids)], whenSubmitter ? { whenSubmitter } : {}), company, by).current

  test('other holders stand in, and nothing need be explained', () => {
    const opened = asked(oneStep([{ type: 'role', role: '财务' }]), company, 'money1')
    expect(opened.task).toMatchObject({ assigneeIds: ['money2'] })
    expect(opened.task.reason).toBeUndefined()
  })

  test('alone: the superior decides', () => {
    expect(own().openTasks[0]).toMatchObject({ assigneeIds: ['chief'], reason: '提交人不能审批自己的申请,转直属上级' })
  })

  test('alone and without a superior: the admins', () => {
    expect(own(undefined, 'boss').openTasks[0]).toMatchObject({
      assigneeIds: ['admin1'],
      reason: '提交人不能审批自己的申请,转管理员',
    })
  })

  test.each<['admins' | 'pass' | 'self', string]>([
    ['admins', 'step[admin1?]'],
    ['pass', 'approved'],
    ['self', 'step[tech1?]'],
  ])('unless the step says %s', (rule, where) => expect(drawn(own(rule))).toBe(where))

  test('passing by says so in the path', () => {
    expect(own('pass').path[1]).toMatchObject({ outcome: 'passed', reason: '提交人就是审批人,自动通过', seats: [] })
  })
})

describe('nobody is named', () => {
  const nobody = (whenEmpty?: 'admins' | 'superior' | 'pass' | 'incident', people = company) =>
    asked(oneStep([{ type: 'role', role: '法务' }], whenEmpty ? { whenEmpty } : {}), people).current

  test('the admins decide', () => {
    expect(nobody().openTasks[0]).toMatchObject({ assigneeIds: ['admin1'], reason: '暂无审批人,转管理员' })
  })

  test('unless the step says superior, pass, or incident', () => {
    expect(nobody('superior').openTasks[0]).toMatchObject({ assigneeIds: ['chief'], reason: '暂无审批人,转直属上级' })
    expect(nobody('pass')).toMatchObject({
      status: 'approved',
      path: [{}, { outcome: 'passed', reason: '暂无审批人,自动通过' }, {}],
    })
    expect(nobody('incident').incidents).toMatchObject([{ code: 'no_approver', why: '「审批」暂无审批人' }])
  })

  test('with not even an admin the case stands still; it never passes', () => {
    expect(drawn(nobody('superior', { superiors: {}, roles: {}, admins: ['sales1'] }))).toBe('step!no_approver')
  })

  test('an empty field names nobody', () => {
    const opened = asked(oneStep([{ type: 'memberField', field: 'manager' }]), company, 'sales1', { manager: '' })
    expect(opened.task.assigneeIds).toEqual(['admin1'])
  })

  test('the routing’s sentence and the note stand together', () => {
    const opened = new Case(undefined, { ...company, roles: { ...company.roles, 副总: [] } })
    opened.submit({ type: '其他', amountMinor: 62_000_000 })
    opened.approve('chief')
    opened.approve('money1')
    expect(opened.task.reason).toBe('金额 620,000.00 > 500,000.00 → 副总;暂无审批人,转管理员')
  })

  test('more than 100 people are not asked at one step', () => {
    const many = { ...company, roles: { 全员: Array.from({ length: 101 }, (_, place) => `m${place}`) } }
    expect(asked(oneStep([{ type: 'role', role: '全员' }]), many).current.incidents).toMatchObject([
      { code: 'no_approver', why: '「审批」要问的人超过 100 位' },
    ])
  })
})

describe('somebody named is gone', () => {
  const gone = { ...company, gone: ['x'] }

  test('the others decide, and the step says so', () => {
    expect(asked(oneStep([person('x', 'y')]), gone).task).toMatchObject({
      assigneeIds: ['y'],
      reason: '有人已停用,由其余的人处理',
    })
  })

  test('nobody left is nobody named', () => {
    expect(asked(oneStep([person('x')]), gone).task).toMatchObject({ assigneeIds: ['admin1'], reason: '暂无审批人,转管理员' })
  })
})

describe('somebody named has approved before', () => {
  const twice = (mode: Parameters<typeof approval>[2]) =>
    process([
      start('one'),
      approval('one', ['a'], { name: '初审', next: 'two' }),
      approval('two', ['a', 'b'], { next: 'last', ...mode }),
      approval('last', ['z']),
      end,
    ])
  const onceApproved = (more: Parameters<typeof approval>[2]): Case => {
    const opened = asked(twice(more), company)
    opened.approve('a')
    return opened
  }

  test('is asked again', () => expect(drawn(onceApproved({}).current)).toBe('two[a? b?]'))

  test.each<[string, NonNullable<Parameters<typeof approval>[2]>['mode'], string]>([
    ['anyOf: the step passes', { type: 'anyOf' }, 'last[z?]'],
    ['countersign: the others are asked', { type: 'countersign' }, 'two[a+ b?]'],
    ['sequential: the next one is asked', { type: 'sequential' }, 'two[a+ b?]'],
    ['vote: it counts for the share', { type: 'vote', sharePercent: 50 }, 'last[z?]'],
  ])('unless the step counts it: %s', (_, mode, where) => {
    expect(drawn(onceApproved({ whenRepeated: 'pass', ...(mode && { mode }) }).current)).toBe(where)
  })

  test('and says so', () => {
    expect(onceApproved({ whenRepeated: 'pass' }).current.path[2]).toMatchObject({
      outcome: 'passed',
      reason: '审批人已在「初审」同意,自动通过',
    })
    expect(onceApproved({ whenRepeated: 'pass', mode: { type: 'countersign' } }).task.reason).toBe('已在「初审」同意的人不再询问')
  })

  test('nobody is spared work that must be done', () => {
    const nodes = twice({}).nodes.map(node =>
      node.id === 'two' ? { ...node, type: 'handle' as const, whenRepeated: 'pass' as const } : node,
    )
    const opened = asked({ ...twice({}), nodes: nodes as never }, company)
    opened.approve('a')
    expect(drawn(opened.current)).toBe('two[a? b?]')
  })

  test('a return that was taken back does not begin a new round', () => {
    const opened = asked(
      process([
        start('one'),
        approval('one', ['a'], { next: 'two' }),
        approval('two', ['b'], { next: 'three' }),
        approval('three', ['a'], { whenRepeated: 'pass', next: 'last' }),
        approval('last', ['z']),
        end,
      ]),
    )
    opened.approve('a')
    opened.do({ type: 'return', by: 'b', to: 'one', reason: '再看', resume: 'rerun' })
    opened.do({ type: 'retract', by: 'b' })
    opened.approve('b')
    expect(drawn(opened.current)).toBe('last[z?]')
  })

  test('an approval from before the case was sent back does not count', () => {
    const opened = onceApproved({ whenRepeated: 'pass' })
    opened.do({ type: 'return', by: 'z', to: 'two', reason: '再看', resume: 'rerun' })
    expect(drawn(opened.current)).toBe('two[a? b?]')
  })
})

describe('people who are named by people', () => {
  const chosen = process([
    start('one'),
    approval('one', [], { approvers: [{ type: 'initiatorChoice' }], next: 'told' }),
    { id: 'told', type: 'cc', name: '抄送', people: [{ type: 'previousChoice' }], next: 'two' },
    approval('two', [], { approvers: [{ type: 'previousChoice' }] }),
    end,
  ])
  const submit = (choices?: Record<string, string[]>) =>
    ({ type: 'submit', caseId: 'case1', by: 'me', form: {}, ...(choices && { choices }) }) as const
  const submitted = (): Case => {
    const opened = new Case(chosen)
    opened.do(submit({ one: ['a'] }))
    return opened
  }

  test('发起人自选: the submitter names them with the submission', () => {
    expect(drawn(submitted().current)).toBe('one[a?]')
    expect(new Case(chosen).refusal(submit())).toMatchObject({ code: 'approval.choice_required', details: { nodeIds: ['one'] } })
  })

  test('上一节点指定: whoever takes the case on names them', () => {
    const opened = submitted()
    expect(opened.refusal({ type: 'approve', by: 'a' })).toMatchObject({
      code: 'approval.choice_required',
      details: { nodeIds: ['two'] },
    })
    opened.do({ type: 'approve', by: 'a', choices: { two: ['b', 'c'], told: ['d'] } })
    expect(drawn(opened.current)).toBe('two[b? c?]')
    expect(opened.effects).toContainEqual(expect.objectContaining({ type: 'copied', nodeName: '抄送', personIds: ['d'] }))
  })

  test('nobody names the people of a step that is not theirs to fill', () => {
    expect(new Case(chosen).refusal(submit({ one: ['a'], two: ['b'] }))).toMatchObject({
      code: 'approval.choice_not_allowed',
      details: { nodeIds: ['two'] },
    })
    expect(submitted().refusal({ type: 'approve', by: 'a', choices: { one: ['x'], two: ['b'] } }).code).toBe(
      'approval.choice_not_allowed',
    )
  })

  test('where nobody decided the step before, the rule for an empty step holds', () => {
    const opened = submitted()
    opened.people = { ...company, admins: ['admin1'] }
    opened.do({ type: 'skip', by: 'admin1', taskId: 'case1-1', reason: '跳过' })
    expect(opened.task).toMatchObject({ nodeId: 'two', assigneeIds: ['admin1'], reason: '暂无审批人,转管理员' })
  })
})

describe('谁会审批', () => {
  const route = (definition: ProcessDefinition, answers: Record<string, string[]> = {}) =>
    previewRoute(definition, { by: 'me', form: {} }, { now: MONDAY_9, answers })

  test('tells where the rules name nobody, and who stands in', () => {
    expect(route(oneStep([{ type: 'role', role: '法务' }]), { 'role:法务': [], admins: ['admin1'] })).toMatchObject({
      steps: [{ assigneeIds: ['admin1'], isFallback: true, reason: '暂无审批人,转管理员' }],
    })
  })

  test('a step that comes again and again is told once, and that no end is reached', () => {
    const again = process([
      start('step'),
      approval('step', ['a'], { next: 'gate' }),
      { id: 'gate', type: 'exclusive', name: '分支', branches: [{ when: { any: [] }, next: 'end' }], otherwise: 'step' },
      end,
    ])
    expect(route(again, { 'person:a': ['a'] })).toMatchObject({
      kind: 'route',
      steps: [{ nodeId: 'step', assigneeIds: ['a'] }],
      stop: '「step」之后又回到这一步,走不到结束',
    })
  })
})
