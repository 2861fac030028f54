import type { NodeOf } from '../definition.ts'
import type { Turn } from '../turn.ts'
import type { Arrival } from './arrival.ts'
import { judge, otherwiseReason } from './branch.ts'

/**
 * The first branch that holds, in the order drawn (BPMN 2.0, exclusive gateway). A branch that cannot be decided stops the case even
 * if a later one would hold: the order says that it comes first.
 */
export function arriveAtExclusive(turn: Turn, node: NodeOf<'exclusive'>): Arrival {
  for (const branch of node.branches) {
    const verdict = judge(branch, turn)
    if (verdict.type === 'fails') continue
    if (verdict.type === 'undecidable') return { type: 'incident', code: 'undecidable', why: `「${node.name}」${verdict.why}` }
    return { type: 'routes', next: branch.next, reason: verdict.sentence, onward: verdict.sentence }
  }
  if (node.otherwise === undefined) return { type: 'incident', code: 'no_branch', why: `「${node.name}」没有符合条件的分支` }
  return { type: 'routes', next: node.otherwise, reason: otherwiseReason(turn, node.otherwise) }
}
