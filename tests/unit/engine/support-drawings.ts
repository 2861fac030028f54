import fc from 'fast-check'
import type { ProcessDefinition, ProcessDraft } from '../../../engine/process/index.ts'
import { end, process, start } from './support.ts'
import type { Block } from './support-model.ts'

/** Random drawings for the reference model, and the definitions that the engine gets for them. */

export const PEOPLE = ['a', 'b', 'c', 'd', 'e']
export const person = fc.constantFrom(...PEOPLE)
export const people = (maxLength: number) => fc.uniqueArray(person, { minLength: 1, maxLength })

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

export const amount = fc.integer({ min: 0, max: 3 })

/** Drawings without ids; `numbered` gives them some. */
export const blocks = fc.letrec<{ line: Block[]; block: Block }>(tie => {
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

export function numbered(line: Block[], next = { id: 0 }): Block[] {
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

export function definitionOf(drawing: Block[]): ProcessDefinition {
  const { nodes, first } = compiled(drawing, 'end')
  return process([start(first), ...nodes, end])
}

/** The ids of all steps, wherever they lie. */
export const stepsOf = (line: Block[]): string[] =>
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
