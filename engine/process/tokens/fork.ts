import type { ForkNode } from '../definition.ts'
import type { PathEntry } from '../state.ts'
import { change, type Turn } from '../turn.ts'
import { activeEntries } from './leave.ts'
import type { Token, Track } from './token.ts'

/** Most branches that a case is in at the same time. */
const MAX_BRANCHES = 100

/** A branch that a fork takes. */
export interface Taken {
  next: string
  /** Its place among the branches as drawn. */
  branch: number
  reason?: string
}

/** Most nodes that a case comes through with one event. */
const MAX_ENTRIES = 1000

/** Would these branches be more than a case may have? No definition that passed the check comes near it. */
export const isTooWide = ({ state, enteredBefore }: Turn, taken: readonly Taken[]): boolean =>
  activeEntries(state).length + taken.length > MAX_BRANCHES || state.entered - enteredBefore > MAX_ENTRIES

/** One token for each branch; they meet at the fork's join. */
export function fork(turn: Turn, entry: PathEntry, node: ForkNode, taken: readonly Taken[], track: Track): Token[] {
  const open = { forkId: entry.entryId, joinId: node.join, branches: taken.length, arrived: 0 }
  change(turn, { openForks: [...turn.state.openForks, open] })
  return taken.map(({ next, branch, reason }) => ({
    nodeId: next,
    forks: [...entry.forks, entry.entryId],
    branch,
    track,
    ...(reason !== undefined && { reason }),
  }))
}
