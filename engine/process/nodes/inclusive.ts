import type { NodeOf } from '../definition.ts'
import type { Taken } from '../tokens/fork.ts'
import type { Turn } from '../turn.ts'
import type { Arrival } from './arrival.ts'
import { judge, otherwiseReason } from './branch.ts'

/** Every branch that holds, else the default (BPMN 2.0, inclusive gateway). One that cannot be decided stops the case here. */
export function arriveAtInclusive(turn: Turn, node: NodeOf<'inclusive'>): Arrival {
  const taken: Taken[] = []
  for (const [branch, conditional] of node.branches.entries()) {
    const verdict = judge(conditional, turn)
    if (verdict.type === 'undecidable') return { type: 'incident', code: 'undecidable', why: `「${node.name}」${verdict.why}` }
    if (verdict.type === 'holds') taken.push({ next: conditional.next, branch, reason: verdict.sentence })
  }
  if (taken.length > 0) return { type: 'forks', node, taken, reason: taken.map(({ reason }) => reason).join(';') }
  if (node.otherwise === undefined) return { type: 'incident', code: 'no_branch', why: `「${node.name}」没有符合条件的分支` }
  const other = { next: node.otherwise, branch: node.branches.length }
  return { type: 'forks', node, taken: [other], reason: otherwiseReason(turn, node.otherwise) }
}
