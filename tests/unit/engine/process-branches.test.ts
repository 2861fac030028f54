import { describe, expect, test } from '@jest/globals'
import { type ProcessDraft, previewRoute, returnTargets, upcomingRoute } from '../../../engine/process/index.ts'
import { answersFor, approval, Case, type Company, drawn, end, MONDAY_9, process, start } from './support.ts'

const people: Company = { superiors: {}, roles: {}, admins: ['admin'] }
type Nodes = ProcessDraft['nodes']

const opened = (nodes: Nodes, form = {}): Case => {
  const begun = new Case(process(nodes), people)
  begun.submit(form, 'me')
  return begun
}

/** first (p) → 销售 s1 → s2 ∥ 技术 t ∥ 财务 f → join → last (z) */
const together: Nodes = [
  start('first'),
  approval('first', ['p'], { next: 'fork' }),
  {
    id: 'fork',
    type: 'parallel',
    name: '三方并行',
    branches: [{ next: 's1', label: '销售' }, { next: 't', label: '技术' }, { next: 'f' }],
    join: 'join',
  },
  approval('s1', ['a'], { next: 's2' }),
  approval('s2', ['b'], { next: 'join' }),
  approval('t', ['c'], { next: 'join' }),
  approval('f', ['d'], { name: '财务', next: 'join' }),
  { id: 'join', type: 'join', name: '汇合', next: 'last' },
  approval('last', ['z']),
  end,
]

const inBranches = (): Case => {
  const begun = opened(together)
  begun.approve('p')
  return begun
}

const reason = '有原因'

describe('parallel branches', () => {
  test('all of them run at once, and the join waits for every one', () => {
    const begun = inBranches()
    expect(drawn(begun.current)).toBe('s1[a?] t[c?] f[d?]')
    begun.approve('c')
    begun.approve('a')
    begun.approve('d')
    expect(drawn(begun.current)).toBe('s2[b?]')
    begun.approve('b')
    expect(drawn(begun.current)).toBe('last[z?]')
    expect(begun.current.openForks).toEqual([])
  })

  test('each step knows in which branch of which fork it lies', () => {
    const begun = inBranches()
    begun.approve('a')
    const places = begun.current.path.slice(2).map(({ nodeId, forks, branch }) => [nodeId, forks, branch])
    expect(places).toEqual([
      ['fork', [], undefined],
      ['s1', ['case1-2'], 0],
      ['t', ['case1-2'], 1],
      ['f', ['case1-2'], 2],
      ['s2', ['case1-2'], 0],
    ])
  })

  test('a rejection in any of them ends the case, and the others are void', () => {
    const begun = inBranches()
    begun.do({ type: 'reject', by: 'c', reason })
    expect(begun.current).toMatchObject({ status: 'rejected', openTasks: [], openForks: [] })
    expect(begun.current.path.filter(({ outcome }) => outcome === 'cancelled').map(({ nodeId }) => nodeId)).toEqual(['s1', 'f'])
    const released = begun.effects.flatMap(effect => (effect.type === 'released' ? [effect.personId] : []))
    expect(released).toEqual(['a', 'c', 'd'])
    expect(begun.effects.filter(({ type }) => type === 'finalised')).toHaveLength(1)
    expect(begun.refusal({ type: 'approve', by: 'd', taskId: 'case1-5' })).toMatchObject({
      code: 'approval.already_decided',
      details: { outcome: 'cancelled', byId: 'c' },
    })
  })

  test('an incident stops its own branch; the others go on', () => {
    const nodes = together.map(node => (node.id === 't' ? approval('t', [], { whenEmpty: 'incident', next: 'join' }) : node))
    const begun = opened(nodes)
    begun.approve('p')
    expect(drawn(begun.current)).toBe('s1[a?] t!no_approver f[d?]')
    expect(begun.current.status).toBe('incident')
    for (const by of ['a', 'b', 'd']) begun.approve(by)
    expect(drawn(begun.current)).toBe('t!no_approver')
    begun.do({ type: 'resolve', by: 'admin', assign: ['c'] })
    expect(begun.current.status).toBe('running')
    begun.approve('c')
    expect(drawn(begun.current)).toBe('last[z?]')
  })

  test('a branch may have nothing to wait for', () => {
    const begun = opened(
      together.map(node =>
        node.id === 't' ? { id: 't', type: 'cc', name: '抄送', people: [{ type: 'role', role: '无' }], next: 'join' } : node,
      ),
    )
    begun.approve('p')
    expect(drawn(begun.current)).toBe('s1[a?] f[d?]')
    for (const by of ['a', 'b', 'd']) begun.approve(by)
    expect(drawn(begun.current)).toBe('last[z?]')
  })

  test('forks lie within forks', () => {
    const nodes: Nodes = [
      start('outer'),
      { id: 'outer', type: 'parallel', name: '外', branches: [{ next: 'inner' }, { next: 'x' }], join: 'outerJoin' },
      { id: 'inner', type: 'parallel', name: '内', branches: [{ next: 'y' }, { next: 'z' }], join: 'innerJoin' },
      approval('x', ['x'], { next: 'outerJoin' }),
      approval('y', ['y'], { next: 'innerJoin' }),
      approval('z', ['z'], { next: 'innerJoin' }),
      { id: 'innerJoin', type: 'join', name: '内汇合', next: 'w' },
      approval('w', ['w'], { next: 'outerJoin' }),
      { id: 'outerJoin', type: 'join', name: '外汇合', next: 'end' },
      end,
    ]
    const begun = opened(nodes)
    expect(drawn(begun.current)).toBe('y[y?] z[z?] x[x?]')
    begun.approve('y')
    begun.approve('x')
    begun.approve('z')
    expect(drawn(begun.current)).toBe('w[w?]')
    expect(begun.current.path.at(-1)).toMatchObject({ nodeId: 'w', forks: ['case1-1'], branch: 0 })
    expect(begun.approve('w').status).toBe('approved')
  })
})

describe('inclusive branches', () => {
  const above = (value: number) => ({ field: 'amountMinor', op: 'gt', value }) as const
  const nodes: Nodes = [
    start('fork'),
    {
      id: 'fork',
      type: 'inclusive',
      name: '按金额',
      branches: [
        { when: above(100), next: 'low', label: '经理' },
        { when: above(1000), next: 'high' },
      ],
      otherwise: 'none',
      join: 'join',
    },
    approval('low', ['a'], { next: 'join' }),
    approval('high', ['b'], { name: '副总', next: 'join' }),
    approval('none', ['c'], { name: '助理', next: 'join' }),
    { id: 'join', type: 'join', name: '汇合', next: 'end' },
    end,
  ]

  test.each([
    [5000, 'low[a?] high[b?]', ['金额 50.00 > 1.00 → 经理', '金额 50.00 > 10.00 → 副总'], [0, 1]],
    [500, 'low[a?]', ['金额 5.00 > 1.00 → 经理'], [0]],
    [50, 'none[c?]', [undefined], [2]],
  ])('of %d 分 every branch that holds is taken, else the default', (amountMinor, where, reasons, branches) => {
    const begun = opened(nodes, { amountMinor })
    expect(drawn(begun.current)).toBe(where)
    expect(begun.current.openTasks.map(task => task.reason)).toEqual(reasons)
    expect(begun.current.path.slice(2).map(({ branch }) => branch)).toEqual(branches)
    for (const { assigneeIds } of begun.current.openTasks) begun.approve(assigneeIds[0] ?? '')
    expect(begun.current.status).toBe('approved')
  })

  test('one that cannot be decided stops the case; the admin’s way is the only branch', () => {
    const begun = opened(nodes)
    expect(drawn(begun.current)).toBe('fork!undecidable')
    begun.do({ type: 'resolve', by: 'admin', goTo: 'high' })
    expect(drawn(begun.current)).toBe('high[b?]')
    expect(begun.approve('b').status).toBe('approved')
  })
})

describe('退回 out of a branch', () => {
  test('to before the fork: the other branches are void, and begin anew', () => {
    const begun = inBranches()
    begun.approve('c')
    begun.do({ type: 'return', by: 'a', to: 'first', reason, resume: 'rerun' })
    expect(drawn(begun.current)).toBe('first[p?]')
    expect(begun.current.openForks).toEqual([])
    begun.approve('p')
    expect(drawn(begun.current)).toBe('s1[a?] t[c?] f[d?]')
  })

  test('within the branch: the others go on', () => {
    const begun = inBranches()
    begun.approve('a')
    begun.do({ type: 'return', by: 'b', to: 's1', reason, resume: 'rerun' })
    expect(drawn(begun.current)).toBe('t[c?] f[d?] s1[a?]')
  })

  test('jumpBack is a detour of one branch: the others go on, and it comes back into its own', () => {
    const begun = inBranches()
    begun.do({ type: 'return', by: 'c', to: 'start', reason, resume: 'jumpBack' })
    begun.do({ type: 'return', by: 'd', to: 'first', reason, resume: 'jumpBack' })
    expect(drawn(begun.current)).toBe('s1[a?] start first[p?]')
    begun.do({ type: 'resubmit', by: 'me' })
    begun.approve('p')
    expect(drawn(begun.current)).toBe('s1[a?] t[c?] f[d?]')
    for (const by of ['a', 'b', 'c', 'd']) begun.approve(by)
    expect(drawn(begun.current)).toBe('last[z?]')
  })

  test('not into another branch, and after the join not into any', () => {
    const begun = inBranches()
    begun.approve('a')
    const targets = (taskId: string) => returnTargets(begun.definition, begun.current, taskId).map(({ nodeId }) => nodeId)
    expect(targets('case1-6')).toEqual(['start', 'first', 's1'])
    expect(targets('case1-4')).toEqual(['start', 'first'])
    for (const by of ['b', 'c', 'd']) begun.approve(by)
    expect(targets(begun.task.taskId)).toEqual(['start', 'first'])
  })

  test('a rejection that goes back to the submitter makes the other branches void', () => {
    const begun = opened(
      together.map(node => (node.id === 't' ? approval('t', ['c'], { onReject: 'submitter', next: 'join' }) : node)),
    )
    begun.approve('p')
    begun.do({ type: 'reject', by: 'c', reason })
    expect(drawn(begun.current)).toBe('start')
    begun.do({ type: 'resubmit', by: 'me' })
    expect(drawn(begun.current)).toBe('first[p?]')
  })
})

describe('reroute by an admin', () => {
  test('within the same forks, or to where the branch ends', () => {
    const begun = inBranches()
    const to = (node: string) => ({ type: 'reroute', by: 'admin', taskId: 'case1-3', to: node, reason }) as const
    expect(begun.refusal(to('last'))).toMatchObject({
      code: 'approval.reroute_target',
      details: { choices: ['s1', 's2', 't', 'f', 'join'] },
    })
    begun.do(to('join'))
    expect(drawn(begun.current)).toBe('t[c?] f[d?]')
    begun.approve('c')
    begun.approve('d')
    expect(drawn(begun.current)).toBe('last[z?]')
  })
})

describe('谁会审批, with branches', () => {
  test('the branches follow one another, each step with its group and the name of its branch', () => {
    const route = previewRoute(process(together), { by: 'me', form: {} }, { now: MONDAY_9, answers: answersOf('pabcdz') })
    if (route.kind !== 'route') throw new Error('expected a route')
    expect(route.steps.map(({ nodeId, group, branch, assigneeIds }) => [nodeId, group, branch, assigneeIds])).toEqual([
      ['first', undefined, undefined, ['p']],
      ['s1', 'fork', '销售', ['a']],
      ['s2', 'fork', '销售', ['b']],
      ['t', 'fork', '技术', ['c']],
      ['f', 'fork', '财务', ['d']],
      ['last', undefined, undefined, ['z']],
    ])
  })

  test('a running case shows what is still to come behind each branch, and after the join', () => {
    const begun = inBranches()
    begun.approve('c')
    const route = upcomingRoute(begun.definition, begun.current, { now: MONDAY_9, answers: answersOf('bz') })
    expect(route).toMatchObject({ kind: 'route', steps: [{ nodeId: 's2', branch: '销售' }, { nodeId: 'last' }] })
  })

  test('what is not a matter of approval is a step too', () => {
    const nodes: Nodes = [
      start('told'),
      { id: 'told', type: 'cc', name: '抄送', people: [{ type: 'person', personIds: ['x'] }], next: 'pause' },
      { id: 'pause', type: 'timer', name: '等待', wait: { workingSeconds: 60 }, next: 'order' },
      { id: 'order', type: 'service', name: '下单', command: 'orders.place', input: {}, next: 'child' },
      { id: 'child', type: 'subProcess', name: '子流程', process: 'other', form: {}, next: 'do' },
      { id: 'do', type: 'handle', name: '办理', approvers: [{ type: 'initiatorChoice' }], mode: { type: 'anyOf' }, next: 'end' },
      end,
    ]
    const route = previewRoute(process(nodes), { by: 'me', form: {} }, { now: MONDAY_9, answers: answersOf('x') })
    expect(route).toMatchObject({
      steps: [
        { kind: 'cc', assigneeIds: ['x'] },
        { kind: 'timer', assigneeIds: [] },
        { kind: 'service' },
        { kind: 'subProcess' },
        { kind: 'handle', assigneeIds: [], reason: '待指定' },
      ],
      passed: ['start', 'told', 'pause', 'order', 'child', 'do', 'end'],
    })
  })
})

const answersOf = (ids: string): Record<string, string[]> =>
  answersFor(
    [...ids].map(personId => ({ type: 'person', personId, key: `person:${personId}` })),
    people,
  )

describe('a definition that the check would refuse', () => {
  test('an end within a branch stops that branch instead of ending the case around the others', () => {
    const begun = opened(together.map(node => (node.id === 't' ? approval('t', ['c'], { next: 'end' }) : node)))
    begun.approve('p')
    begun.approve('c')
    expect(drawn(begun.current)).toBe('s1[a?] f[d?] end!broken')
    begun.do({ type: 'resolve', by: 'admin', goTo: 'join' })
    for (const by of ['a', 'b', 'd']) begun.approve(by)
    expect(drawn(begun.current)).toBe('last[z?]')
  })

  test('a join without a fork stops the case, and an admin says where to go', () => {
    const nodes: Nodes = [start('lone'), { id: 'lone', type: 'join', name: '汇合', next: 'after' }, approval('after', ['a']), end]
    const begun = opened(nodes)
    expect(drawn(begun.current)).toBe('lone!broken')
    expect(begun.refusal({ type: 'resolve', by: 'admin' }).code).toBe('approval.branch_required')
    begun.do({ type: 'resolve', by: 'admin', goTo: 'after' })
    expect(drawn(begun.current)).toBe('after[a?]')
  })

  test('a fork that multiplies without bound stops the case', () => {
    const wide = (id: string, next: string) =>
      ({ id, type: 'parallel', name: id, branches: Array(20).fill({ next }), join: 'join' }) as const
    const begun = opened([
      start('x'),
      wide('x', 'y'),
      wide('y', 'z'),
      approval('z', ['a'], { next: 'join' }),
      { id: 'join', type: 'join', name: '汇合', next: 'end' },
      end,
    ])
    expect(begun.current.status).toBe('incident')
    expect(begun.current.incidents[0]).toMatchObject({ code: 'broken', why: '「y」之后同时进行的分支太多' })
    expect(begun.current.path.length).toBeLessThan(200)
  })

  test('nor does one that multiplies without asking anybody run on for long', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f']
    const forks = ids.map((id, place) => ({
      id,
      type: 'parallel' as const,
      name: id,
      branches: Array(20).fill({ next: ids[place + 1] ?? 'told' }),
      join: 'join',
    }))
    const told: Nodes[number] = { id: 'told', type: 'cc', name: '抄送', people: [{ type: 'role', role: '无' }], next: 'join' }
    const begun = opened([start('a'), ...forks, told, { id: 'join', type: 'join', name: '汇合', next: 'end' }, end])
    expect(begun.current.status).toBe('incident')
    expect(begun.current.path.length).toBeLessThan(2000)
  })
})
