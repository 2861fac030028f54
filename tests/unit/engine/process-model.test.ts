import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  checkDefinition,
  type ProcessDefinition,
  type ProcessDraft,
  type ProcessEvent,
  type ProcessState,
} from '../../../engine/process/index.ts'
import { Case, drawn, end, process, start } from './support.ts'
import {
  type Act,
  addedSeats,
  after,
  type Block,
  begin,
  behind,
  leavesOf,
  type Model,
  openPeople,
  shown,
} from './support-model.ts'

const PEOPLE = ['a', 'b', 'c', 'd', 'e']
const person = fc.constantFrom(...PEOPLE)
const people = (maxLength: number) => fc.uniqueArray(person, { minLength: 1, maxLength })

const mode = fc.oneof(
  fc.constant({ type: 'anyOf' as const }),
  fc.constant({ type: 'sequential' as const }),
  fc.record({ type: fc.constant('countersign' as const), earlyEnd: fc.boolean() }),
  fc.record({
    type: fc.constant('vote' as const),
    sharePercent: fc.constantFrom(1, 25, 34, 50, 51, 60, 75, 100),
    veto: fc.boolean(),
    earlyEnd: fc.boolean(),
    weights: fc.dictionary(person, fc.integer({ min: 1, max: 4 }), { noNullPrototype: true }),
  }),
)

const amount = fc.integer({ min: 0, max: 3 })

/** Drawings without ids; `numbered` gives them some. */
const blocks = fc.letrec<{ line: Block[]; block: Block }>(tie => {
  const inner = tie('line')
  return {
    line: fc.array(tie('block'), { minLength: 1, maxLength: 3, depthIdentifier: 'drawing', size: 'max' }),
    block: fc.oneof(
      { depthIdentifier: 'drawing', maxDepth: 3 },
      {
        weight: 5,
        arbitrary: fc.record({
          type: fc.constant('step' as const),
          id: fc.constant(''),
          mode,
          people: people(4),
          isSentBack: fc.integer({ min: 0, max: 3 }).map(dice => dice > 0),
        }),
      },
      { weight: 1, arbitrary: fc.record({ type: fc.constant('pause' as const), id: fc.constant('') }) },
      { weight: 1, arbitrary: fc.record({ type: fc.constant('told' as const), id: fc.constant('') }) },
      {
        weight: 1,
        arbitrary: fc.record({
          type: fc.constant('choice' as const),
          id: fc.constant(''),
          above: amount,
          yes: inner,
          no: inner,
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          type: fc.constant('all' as const),
          id: fc.constant(''),
          branches: fc.array(inner, { minLength: 2, maxLength: 3 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          type: fc.constant('some' as const),
          id: fc.constant(''),
          branches: fc.array(fc.record({ above: amount, blocks: inner }), { minLength: 1, maxLength: 2 }),
          otherwise: inner,
        }),
      },
    ),
  }
}).line

function numbered(line: Block[], next = { id: 0 }): Block[] {
  return line.map(block => {
    const id = `n${next.id++}`
    switch (block.type) {
      case 'choice':
        return { ...block, id, yes: numbered(block.yes, next), no: numbered(block.no, next) }
      case 'all':
        return { ...block, id, branches: block.branches.map(branch => numbered(branch, next)) }
      case 'some': {
        const branches = block.branches.map(({ above, blocks: inside }) => ({ above, blocks: numbered(inside, next) }))
        return { ...block, id, branches, otherwise: numbered(block.otherwise, next) }
      }
      default:
        return { ...block, id }
    }
  })
}

type Nodes = ProcessDraft['nodes']

/** The nodes of a drawing that leads to `next`, and where it begins. */
function compiled(line: Block[], next: string): { nodes: Nodes; first: string } {
  const nodes: Nodes = []
  let first = next
  for (const block of [...line].reverse()) {
    nodes.push(...nodesOf(block, first))
    first = block.id
  }
  return { nodes, first }
}

function nodesOf(block: Block, next: string): Nodes {
  const { id } = block
  const above = (value: number) => ({ field: 'amountMinor', op: 'gt', value }) as const
  switch (block.type) {
    case 'step':
      return [
        {
          id,
          type: 'approval',
          name: id,
          approvers: [{ type: 'person', personIds: block.people }],
          mode: block.mode,
          onReject: block.isSentBack ? 'submitter' : 'end',
          next,
        },
      ]
    case 'told':
      return [{ id, type: 'cc', name: id, people: [{ type: 'person', personIds: ['x'] }], next }]
    case 'pause':
      return [{ id, type: 'timer', name: id, wait: { workingSeconds: 60 }, next }]
    case 'choice': {
      const [yes, no] = [compiled(block.yes, next), compiled(block.no, next)]
      const gate = {
        id,
        type: 'exclusive',
        name: id,
        branches: [{ when: above(block.above), next: yes.first }],
        otherwise: no.first,
      } as const
      return [{ ...gate, branches: [...gate.branches] }, ...yes.nodes, ...no.nodes]
    }
    case 'all': {
      const join = `${id}join`
      const parts = block.branches.map(branch => compiled(branch, join))
      return [
        { id, type: 'parallel', name: id, branches: parts.map(part => ({ next: part.first })), join },
        { id: join, type: 'join', name: join, next },
        ...parts.flatMap(part => part.nodes),
      ]
    }
    case 'some': {
      const join = `${id}join`
      const parts = block.branches.map(branch => ({ when: above(branch.above), part: compiled(branch.blocks, join) }))
      const other = compiled(block.otherwise, join)
      return [
        {
          id,
          type: 'inclusive',
          name: id,
          branches: parts.map(({ when, part }) => ({ when, next: part.first })),
          otherwise: other.first,
          join,
        },
        { id: join, type: 'join', name: join, next },
        ...parts.flatMap(({ part }) => part.nodes),
        ...other.nodes,
      ]
    }
  }
}

function definitionOf(drawing: Block[]): ProcessDefinition {
  const { nodes, first } = compiled(drawing, 'end')
  return process([start(first), ...nodes, end])
}

/** A wish of somebody, which becomes an act by what is open when its turn comes. */
const wish = fc.record({
  verb: fc.oneof(
    { weight: 24, arbitrary: fc.constant('approve' as const) },
    { weight: 1, arbitrary: fc.constant('reject' as const) },
    { weight: 8, arbitrary: fc.constant('addSign' as const) },
    { weight: 4, arbitrary: fc.constant('removeSign' as const) },
    { weight: 3, arbitrary: fc.constant('transfer' as const) },
    { weight: 4, arbitrary: fc.constant('return' as const) },
    { weight: 3, arbitrary: fc.constant('resubmit' as const) },
    { weight: 3, arbitrary: fc.constant('retract' as const) },
    { weight: 2, arbitrary: fc.constant('timeout' as const) },
    { weight: 2, arbitrary: fc.constantFrom('skip' as const, 'aside' as const) },
    { weight: 1, arbitrary: fc.constantFrom('withdraw' as const, 'terminate' as const, 'aside' as const) },
  ),
  leaf: fc.nat(),
  who: fc.nat(),
  isAsked: fc.integer({ min: 0, max: 9 }).map(dice => dice < 8),
  other: person,
  crowd: people(2),
  placement: fc.constantFrom('before' as const, 'after' as const, 'parallel' as const),
  to: fc.nat(),
  resume: fc.constantFrom('rerun' as const, 'jumpBack' as const),
})
type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never

function actOf(model: Model, { verb, leaf, who, isAsked, other, crowd, placement, to, resume }: Wish): Act {
  const leaves = leavesOf(model)
  const place = leaves[leaf % Math.max(leaves.length, 1)]
  const at = place?.block.id ?? 'nowhere'
  const open = place && isAsked ? openPeople(place) : []
  const by = open[who % Math.max(open.length, 1)] ?? PEOPLE[who % PEOPLE.length] ?? 'a'
  switch (verb) {
    case 'approve':
    case 'reject':
      return { type: verb, by, at }
    case 'transfer':
      return { type: verb, by, at, to: other === by ? 'f' : other }
    case 'addSign':
      return { type: verb, by, at, people: crowd, placement }
    case 'removeSign': {
      const added = place && isAsked ? addedSeats(place) : []
      const chosen = added[who % Math.max(added.length, 1)]
      return { type: verb, by: chosen?.addedBy ?? by, at, whom: chosen?.person ?? other }
    }
    case 'return': {
      const targets = ['start', ...(place && to % 2 === 0 ? behind(model, place) : stepsOf(model.drawing))]
      return { type: verb, by, at, to: targets[to % targets.length] ?? 'start', resume }
    }
    case 'retract':
      return { type: verb, by: isAsked && model.last ? model.last.by : by }
    case 'timeout':
    case 'skip':
      return { type: verb, at }
    case 'resubmit':
    case 'withdraw':
    case 'terminate':
    case 'aside':
      return { type: verb }
  }
}

const stepsOf = (line: Block[]): string[] =>
  line.flatMap(block => {
    switch (block.type) {
      case 'step':
        return [block.id]
      case 'choice':
        return [...stepsOf(block.yes), ...stepsOf(block.no)]
      case 'all':
        return block.branches.flatMap(stepsOf)
      case 'some':
        return [...block.branches.flatMap(branch => stepsOf(branch.blocks)), ...stepsOf(block.otherwise)]
      default:
        return []
    }
  })

const reason = '有原因'

function eventOf(state: ProcessState, act: Act): ProcessEvent {
  const taskAt = (nodeId: string) =>
    state.path.find(entry => entry.nodeId === nodeId && entry.leftAt === undefined)?.entryId ?? 'case1-99'
  switch (act.type) {
    case 'approve':
      return { type: 'approve', by: act.by, taskId: taskAt(act.at) }
    case 'reject':
      return { type: 'reject', by: act.by, taskId: taskAt(act.at), reason }
    case 'transfer':
      return { type: 'transfer', by: act.by, taskId: taskAt(act.at), to: act.to }
    case 'addSign':
      return { type: 'addSign', by: act.by, taskId: taskAt(act.at), people: act.people, placement: act.placement }
    case 'removeSign':
      return { type: 'removeSign', by: act.by, taskId: taskAt(act.at), people: [act.whom] }
    case 'return':
      return { type: 'return', by: act.by, taskId: taskAt(act.at), to: act.to, reason, resume: act.resume }
    case 'retract':
      return { type: 'retract', by: act.by }
    case 'timeout':
      return { type: 'timeout', taskId: taskAt(act.at), rung: 'wait' }
    case 'skip':
      return { type: 'skip', by: 'admin', taskId: taskAt(act.at), reason }
    case 'terminate':
      return { type: 'terminate', by: 'admin', reason }
    case 'aside':
      return { type: 'comment', by: 'me', text: '加油', mentions: [] }
    case 'resubmit':
    case 'withdraw':
      return { type: act.type, by: 'me' }
  }
}

/** Two detours to one step could not be told apart by the step's name. */
const isTwice = (model: Model, act: Act): boolean =>
  act.type === 'return' && act.to !== 'start' && leavesOf(model).some(({ block }) => block.id === act.to)

/** What the engine shows, in the model's words: seats taken away are not shown. */
function engineShows(state: ProcessState): string[] {
  if (state.finishedAt !== undefined) return [state.status]
  const parts = drawn(state).match(/[^\s[]+(\[[^\]]*\])?/g) ?? []
  return parts
    .map(part => {
      const [id = '', seats] = part.replace(']', '').split('[')
      if (seats === undefined) return id
      const kept = seats.split(' ').filter(seat => !seat.endsWith('x'))
      return `${id}[${kept.sort().join(' ')}]`
    })
    .sort()
}

const wishes = fc.array(wish, { minLength: 20, maxLength: 60, size: 'max' })
const drawings = fc.array(blocks, { minLength: 2, maxLength: 3, size: 'max' }).map(lines => numbered(lines.flat()))
const stories = fc.record({ drawing: drawings, amount, wishes })

/** Short steps in a long row, with much sending back and forth. */
const journeys = fc.record({
  drawing: fc
    .array(person, { minLength: 4, maxLength: 6, size: 'max' })
    .map(row => numbered(row.map(one => ({ type: 'step', id: '', mode: { type: 'anyOf' }, people: [one], isSentBack: true })))),
  amount,
  wishes: fc.array(
    fc.tuple(wish, fc.integer({ min: 0, max: 9 })).map(([one, dice]): Wish => {
      const verb = dice < 5 ? 'approve' : dice < 8 ? 'return' : 'resubmit'
      return { ...one, verb, isAsked: true }
    }),
    { minLength: 40, maxLength: 60, size: 'max' },
  ),
})

type Story = typeof stories extends fc.Arbitrary<infer T> ? T : never

/** Lets the engine and the model live through a story, and tells which acts came to pass. */
function tell({ drawing, amount: amountMinor, wishes: wanted }: Story, seen: Map<string, number>): void {
  const engine = new Case(definitionOf(drawing), { superiors: {}, roles: {}, admins: ['admin'] })
  engine.submit({ amountMinor }, 'me')
  let model = begin(drawing, amountMinor)
  expect(engineShows(engine.current)).toEqual(shown(model))
  for (const one of wanted) {
    const isOver = model.status !== 'running'
    const act = actOf(model, one)
    if (isTwice(model, act)) continue
    const event = eventOf(engine.current, act)
    const next = after(model, act)
    if (next) engine.do(event)
    else engine.refusal(event)
    model = next ?? model
    expect(engineShows(engine.current)).toEqual(shown(model))
    if (next) seen.set(act.type, (seen.get(act.type) ?? 0) + 1)
    if (isOver) break
  }
}

/** A verb that never came to pass was held against nothing. */
function expectSeen(seen: ReadonlyMap<string, number>, verbs: readonly string[]): void {
  for (const verb of verbs) expect({ verb, isProven: seen.has(verb) }).toEqual({ verb, isProven: true })
}

describe('the engine and the reference model agree on every act: refused or not, who is asked then, which votes stand, how it ends', () => {
  test('for random drawings and random people', () => {
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(stories, story => tell(story, seen)),
      { numRuns: 120 },
    )
    expectSeen(seen, [
      'approve',
      'reject',
      'addSign',
      'removeSign',
      'transfer',
      'return',
      'resubmit',
      'retract',
      'timeout',
      'skip',
    ])
  })

  test('for long ways with much sending back and forth', () => {
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(journeys, story => tell(story, seen)),
      { numRuns: 60 },
    )
    expectSeen(seen, ['approve', 'return', 'resubmit'])
  })

  test('random drawings are definitions without a fault', () => {
    fc.assert(
      fc.property(blocks, line => {
        const shape = checkDefinition(definitionOf(numbered(line))).filter(({ code }) => !code.startsWith('process.branch_'))
        expect(shape).toEqual([])
      }),
    )
  })
})
