import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Condition, evaluate } from '../../../engine/condition/index.ts'
import { checkDefinition } from '../../../engine/process/check/index.ts'
import { type ProcessDefinition, type ProcessDraft, processDefinition } from '../../../engine/process/definition.ts'
import { PROCESS_TEMPLATES } from '../../../engine/process/templates/index.ts'

type DraftNode = ProcessDraft['nodes'][number]

const start: DraftNode = { id: 'start', type: 'start', name: '提交', next: 'step' }
const end: DraftNode = { id: 'end', type: 'end', name: '结束' }
const approval = (id: string, next: string, more: object = {}): DraftNode => ({
  id,
  type: 'approval',
  name: `审批${id}`,
  approvers: [{ type: 'superior' }],
  mode: { type: 'anyOf' },
  next,
  ...more,
})
const step = approval('step', 'end')

const options = ['专线', '集成', '其他'].map(value => ({ value, label: value }))
const definition = (...nodes: DraftNode[]): ProcessDefinition =>
  processDefinition.parse({
    key: 'test',
    version: 1,
    name: '测试',
    fields: {
      amountMinor: { type: 'money', label: '金额' },
      rate: { type: 'number', label: '比率' },
      type: { type: 'enum', label: '类型', options },
      isUrgent: { type: 'boolean', label: '紧急' },
      dueAt: { type: 'date', label: '截止' },
      memberIds: { type: 'personList', label: '成员' },
      note: { type: 'string', label: '说明' },
    },
    nodes,
  })

const gateway = (branches: { when: Condition; next?: string }[], otherwise: string | undefined = 'end'): ProcessDefinition =>
  definition(
    start,
    {
      id: 'step',
      type: 'exclusive',
      name: '分支',
      branches: branches.map(({ when, next }, index) => ({ when, next: next ?? `way${index}` })),
      ...(otherwise && { otherwise }),
    },
    ...branches.flatMap(({ next }, index) => (next ? [] : [approval(`way${index}`, 'end')])),
    end,
  )

const above = (value: number): Condition => ({ field: 'amountMinor', op: 'gt', value })
const upTo = (value: number): Condition => ({ field: 'amountMinor', op: 'lte', value })

const fork: DraftNode = {
  id: 'step',
  type: 'parallel',
  name: '并行',
  branches: [{ next: 'left' }, { next: 'right' }],
  join: 'join',
}
const join: DraftNode = { id: 'join', type: 'join', name: '汇合', next: 'end' }
const left = approval('left', 'join')
const right = approval('right', 'join')

test('a sound definition has no fault', () => {
  expect(checkDefinition(definition(start, step, end))).toEqual([])
  expect(checkDefinition(definition(start, fork, left, right, join, end))).toEqual([])
})

describe('a definition is refused, with the place, for', () => {
  test.each<[string, ProcessDefinition, string, string]>([
    ['a node that no way leads to', definition(start, step, end, approval('lost', 'end')), 'nodes.3', 'process.unreachable'],
    ['a next step that is not there', definition(start, approval('step', 'gone'), end), 'nodes.1.next', 'process.dangling_next'],
    ['a way back to the start', definition(start, approval('step', 'start'), end), 'nodes.1.next', 'process.into_start'],
    ['two starts', definition(start, { ...start, id: 'again' }, step, end), 'nodes', 'process.start_count'],
    ['no end', definition(start, approval('step', 'step')), 'nodes', 'process.no_end'],
    ['an id used twice', definition(start, step, step, end), 'nodes.2.id', 'process.duplicate_id'],
    [
      'a loop without exit',
      definition(start, approval('step', 'again'), approval('again', 'step'), end),
      'nodes.1',
      'process.no_exit',
    ],
    [
      'no approver',
      definition(start, approval('step', 'end', { approvers: [] }), end),
      'nodes.1.approvers',
      'process.empty_approvers',
    ],
    [
      'a role without a name',
      definition(start, approval('step', 'end', { approvers: [{ type: 'role', role: ' ' }] }), end),
      'nodes.1.approvers.0',
      'process.empty_approvers',
    ],
    [
      'a rule that lists nobody',
      definition(start, approval('step', 'end', { approvers: [{ type: 'person', personIds: [] }] }), end),
      'nodes.1.approvers.0',
      'process.empty_approvers',
    ],
    [
      'approvers from a field that holds no people',
      definition(start, approval('step', 'end', { approvers: [{ type: 'memberField', field: 'note' }] }), end),
      'nodes.1.approvers.0.field',
      'process.not_a_person_field',
    ],
    [
      'a choice of the node before, where nobody is',
      definition(
        start,
        { id: 'step', type: 'timer', name: '等待', wait: { workingSeconds: 60 }, next: 'chosen' },
        approval('chosen', 'end', { approvers: [{ type: 'previousChoice' }] }),
        end,
      ),
      'nodes.2.approvers.0',
      'process.choice_without_chooser',
    ],
    [
      'an output that nobody there may fill in',
      definition(start, approval('step', 'end', { outputs: ['note'] }), end),
      'nodes.1.outputs.0',
      'process.output_not_editable',
    ],
    [
      'an input that the form does not have',
      definition(start, approval('step', 'end', { inputs: ['gone'] }), end),
      'nodes.1.inputs.0',
      'process.unknown_field',
    ],
    [
      'a timer that waits for something that is no date',
      definition(start, { id: 'step', type: 'timer', name: '等待', wait: { untilField: 'note' }, next: 'end' }, end),
      'nodes.1.wait.untilField',
      'process.not_a_date_field',
    ],
    [
      'the same rung twice',
      definition(
        start,
        approval('step', 'end', {
          timeLimit: { workingSeconds: 60, ladder: [1, 2].map(() => ({ action: 'remind', afterPercent: 100 })) },
        }),
        end,
      ),
      'nodes.1.timeLimit.ladder.1',
      'process.rung_twice',
    ],
    [
      'a process inside itself',
      definition(start, { id: 'step', type: 'subProcess', name: '子流程', process: 'test', form: {}, next: 'end' }, end),
      'nodes.1.process',
      'process.contains_itself',
    ],
  ])('%s', (_, faulty, path, code) => {
    expect(checkDefinition(faulty)).toContainEqual(expect.objectContaining({ path, code }))
  })

  test('a command or a process that is not there, where that is known', () => {
    const service = definition(
      start,
      { id: 'step', type: 'service', name: '写入', command: 'gone.do', input: {}, next: 'sub' },
      { id: 'sub', type: 'subProcess', name: '子流程', process: 'gone', form: {}, next: 'end' },
      end,
    )
    expect(checkDefinition(service)).toEqual([])
    const known = { commands: new Set<string>(), processes: new Set<string>() }
    expect(checkDefinition(service, known).map(({ code }) => code)).toEqual([
      'process.unknown_command',
      'process.unknown_process',
    ])
  })

  test('work that is given a field which neither the form has nor every case carries', () => {
    const input = { what: { field: 'titel' }, whose: { field: 'customerId' }, count: { value: 2 } }
    const faulty = definition(start, { id: 'step', type: 'service', name: '写入', command: 'do', input, next: 'end' }, end)
    expect(checkDefinition(faulty, { carried: new Set(['customerId']) })).toEqual([
      { path: 'nodes.1.input.what.field', code: 'process.unknown_field', message: '没有「titel」这个字段' },
    ])
  })

  test('every fault at once', () => {
    const codes = checkDefinition(definition(start, approval('step', 'gone', { approvers: [] }), end)).map(({ code }) => code)
    expect(codes).toEqual(
      expect.arrayContaining(['process.dangling_next', 'process.empty_approvers', 'process.unreachable', 'process.no_exit']),
    )
  })
})

describe('branches', () => {
  test('that share the boundary of 500,000.00 between them have no fault', () => {
    expect(checkDefinition(gateway([{ when: above(50_000_000) }, { when: upTo(50_000_000) }]))).toEqual([])
  })

  test('that both hold for one amount are refused, with the amount', () => {
    const [fault] = checkDefinition(gateway([{ when: above(10_000_000) }, { when: above(50_000_000) }]))
    expect(fault).toMatchObject({ path: 'nodes.1.branches.1.when', code: 'process.branch_overlap' })
    expect(fault?.message).toContain('金额 500,000.01 > 100,000.00 且 金额 500,000.01 > 500,000.00')
  })

  test('that leave an amount to nobody are refused, with the amount, when there is no default', () => {
    const gap = gateway([{ when: above(50_000_000) }, { when: { field: 'amountMinor', op: 'lt', value: 50_000_000 } }], '')
    const faults = checkDefinition(gap)
    expect(faults).toContainEqual(expect.objectContaining({ path: 'nodes.1.otherwise', code: 'process.missing_default' }))
    const found = faults.find(({ code }) => code === 'process.branch_gap')
    expect(found?.message).toContain('金额 500,000.00')
  })

  test('that can never be taken are refused', () => {
    const never: Condition = { all: [above(100), upTo(100)] }
    const faults = checkDefinition(gateway([{ when: never }]))
    expect(faults.map(({ path, code }) => ({ path, code }))).toEqual([
      { path: 'nodes.1.branches.0.when', code: 'process.branch_dead' },
    ])
  })

  test('that a missing value cannot decide are not judged by it', () => {
    const exists: Condition = { field: 'note', op: 'exists', value: true }
    expect(checkDefinition(gateway([{ when: exists }, { when: { not: exists } }]))).toEqual([])
  })

  const comparison = fc.oneof(
    fc.record({
      field: fc.constant('amountMinor'),
      op: fc.constantFrom('gt', 'gte', 'lt', 'lte', 'eq', 'ne'),
      value: fc.integer({ min: -3, max: 3 }),
    }),
    fc.record({
      field: fc.constant('type'),
      op: fc.constantFrom('in', 'nin'),
      value: fc.uniqueArray(fc.constantFrom('专线', '集成', '其他'), { minLength: 1 }),
    }),
    fc.record({ field: fc.constant('isUrgent'), op: fc.constantFrom('eq', 'ne'), value: fc.boolean() }),
  ) as fc.Arbitrary<Condition>
  const { node: someCondition } = fc.letrec<{ node: Condition }>(tie => ({
    node: fc.oneof(
      { maxDepth: 2 },
      comparison,
      fc.record({ all: fc.array(tie('node'), { minLength: 1, maxLength: 2 }) }),
      fc.record({ any: fc.array(tie('node'), { minLength: 1, maxLength: 2 }) }),
      fc.record({ not: tie('node') }),
    ),
  }))

  test('are found to overlap, to be dead or to leave a gap exactly when some form shows it', () => {
    const forms = Array.from({ length: 11 }, (_, index) => index - 5).flatMap(amountMinor =>
      options.flatMap(({ value: type }) => [true, false].map(isUrgent => ({ amountMinor, type, isUrgent }))),
    )
    const env = { me: 'me', now: 0 }
    fc.assert(
      fc.property(someCondition, someCondition, (first, second) => {
        const verdicts = forms.map(form => [evaluate(first, form, env), evaluate(second, form, env)])
        const expected = new Set<string>()
        if (verdicts.some(([a, b]) => a === true && b === true)) expected.add('process.branch_overlap')
        if (!verdicts.some(([a]) => a === true)) expected.add('process.branch_dead')
        if (!verdicts.some(([a, b]) => a !== true && b === true)) expected.add('process.branch_dead')
        if (verdicts.some(([a, b]) => a !== true && b !== true)) expected.add('process.branch_gap')
        const found = checkDefinition(gateway([{ when: first }, { when: second }], '')).map(({ code }) => code)
        const told = ['process.branch_overlap', 'process.branch_dead', 'process.branch_gap']
        expect(told.filter(code => found.includes(code))).toEqual(told.filter(code => expected.has(code)))
      }),
      { numRuns: 300 },
    )
  })
})

describe('a fork and its join are one block', () => {
  test.each<[string, ProcessDefinition, string]>([
    [
      'a fork that names no join',
      definition(start, { ...fork, join: 'end' }, approval('left', 'end'), approval('right', 'end'), end),
      'process.not_a_join',
    ],
    ['a branch that ends the case', definition(start, fork, left, approval('right', 'end'), join, end), 'process.branch_escapes'],
    [
      'branches that meet before the join',
      definition(start, fork, approval('left', 'right'), right, join, end),
      'process.branches_cross',
    ],
    [
      'a way into a branch from outside',
      definition(
        { ...start, next: 'choice' } as DraftNode,
        {
          id: 'choice',
          type: 'exclusive',
          name: '选择',
          branches: [{ when: above(0), next: 'left' }],
          otherwise: 'step',
        },
        fork,
        left,
        right,
        join,
        end,
      ),
      'process.into_branch',
    ],
    [
      'a join of two forks',
      definition(
        start,
        { ...fork, branches: [{ next: 'inner' }, { next: 'right' }] } as DraftNode,
        { id: 'inner', type: 'parallel', name: '内层', branches: [{ next: 'left' }], join: 'join' },
        left,
        right,
        join,
        end,
      ),
      'process.join_shared',
    ],
  ])('%s is refused', (_, faulty, code) => {
    expect(checkDefinition(faulty).map(fault => fault.code)).toContain(code)
  })

  test('forks within forks are fine', () => {
    const nested = definition(
      start,
      { ...fork, branches: [{ next: 'inner' }, { next: 'right' }] } as DraftNode,
      { id: 'inner', type: 'parallel', name: '内层', branches: [{ next: 'left' }, { next: 'middle' }], join: 'innerJoin' },
      approval('left', 'innerJoin'),
      approval('middle', 'innerJoin'),
      { id: 'innerJoin', type: 'join', name: '内层汇合', next: 'join' },
      right,
      join,
      end,
    )
    expect(checkDefinition(nested)).toEqual([])
  })
})

describe('what is no definition does not parse:', () => {
  const sound = definition(start, step, end)
  const voting = (mode: object) => ({ ...sound, nodes: [start, approval('step', 'end', { mode }), end] })
  test.each<[string, unknown]>([
    ['an unknown kind of node', { ...sound, nodes: [{ id: 'a', type: 'script', name: 'x', code: '1' }] }],
    ['an unknown approver rule', { ...sound, nodes: [start, approval('step', 'end', { approvers: [{ type: 'anyone' }] }), end] }],
    ['an unknown key', { ...sound, owner: 'x' }],
    ['version 0', { ...sound, version: 0 }],
    ['a node id for the database', { ...sound, nodes: [{ ...end, id: '$set' }] }],
    ['a vote of weight 0', voting({ type: 'vote', sharePercent: 50, weights: { a: 0 } })],
    ['a share of 0 %', voting({ type: 'vote', sharePercent: 0 })],
    ['a share above 100 %', voting({ type: 'vote', sharePercent: 100.5 })],
    ['a time limit of no time', { ...sound, nodes: [start, approval('step', 'end', { timeLimit: { workingSeconds: 0 } }), end] }],
  ])('%s', (_, input) => {
    expect(processDefinition.safeParse(input).success).toBe(false)
  })
})

test.each(PROCESS_TEMPLATES.map(({ definition: shipped }) => [shipped.name, shipped] as const))(
  'the template %s has no fault',
  (_, shipped) => {
    const processes = new Set(PROCESS_TEMPLATES.map(template => template.definition.key))
    expect(checkDefinition(shipped, { processes, carried: new Set(['customerId']) })).toEqual([])
  },
)
