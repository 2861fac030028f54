import type { NodeOf } from '../definition.ts'
import { addEntry, entryOf } from '../path.ts'
import { change, type Turn } from '../turn.ts'
import { scopeOf, type Token } from './token.ts'

/**
 * A token arrives at a join. Once all of its fork's tokens have, one goes on.
 *
 * @returns the token that goes on; nothing while others are under way; `stray` when this join is not that of the innermost fork
 */
export function arriveAtJoin(turn: Turn, token: Token, node: NodeOf<'join'>): Token | 'stray' | undefined {
  const forkId = token.forks.at(-1)
  const open = turn.state.openForks.find(fork => fork.forkId === forkId)
  if (!open || open.joinId !== node.id) return 'stray'
  const { openForks } = turn.state
  if (open.arrived + 1 < open.branches) {
    const arrived = { ...open, arrived: open.arrived + 1 }
    change(turn, { openForks: openForks.map(fork => (fork === open ? arrived : fork)) })
    return undefined
  }
  const outer = scopeOf(entryOf(turn.state, open.forkId))
  change(turn, { openForks: openForks.filter(fork => fork !== open) })
  addEntry(turn, node, { ...outer, leftAt: turn.now, outcome: 'routed' })
  return { ...outer, nodeId: node.next, track: token.track }
}
