import { findNode, type ProcessDefinition } from '../definition.ts'
import { entryOf } from '../path.ts'
import type { PathEntry, ProcessState } from '../state.ts'

/** Where a case can be sent back to. */
export interface WayPoint {
  nodeId: string
  name: string
  /** The entry by which it was passed last. */
  entryId: string
}

/**
 * The steps behind a token, the first one first: the start and those where people were asked, on its own branch and on those that
 * the fork grew from. A step that the case was sent back behind is not on the way any more, nor one that the case's version does
 * not have.
 */
export function wayBack(definition: ProcessDefinition, state: ProcessState, from: PathEntry): WayPoint[] {
  let way: PathEntry[] = []
  for (const entry of state.path) {
    if (entry.entryId === from.entryId) break
    if (entry.outcome === 'cancelled' || !isUpstream(state, entry, from)) continue
    if (entry.returned?.resume === 'rerun') way = untilNode(way, entry.nodeId)
    // A detour's step is on the way already, by the entry that belongs to its place in the flow.
    if (isStep(entry) && entry.returned?.resume !== 'jumpBack')
      way = [...way.filter(({ nodeId }) => nodeId !== entry.nodeId), entry]
  }
  if (from.returned?.resume === 'rerun') way = untilNode(way, from.nodeId)
  return way
    .filter(({ nodeId }) => nodeId !== from.nodeId && findNode(definition, nodeId))
    .map(({ nodeId, name, entryId }) => ({ nodeId, name, entryId }))
}

function untilNode(way: readonly PathEntry[], nodeId: string): PathEntry[] {
  const place = way.findIndex(entry => entry.nodeId === nodeId)
  return place < 0 ? [...way] : way.slice(0, place)
}

const PASSED: ReadonlySet<PathEntry['outcome']> = new Set(['submitted', 'approved', 'done', 'passed', 'skipped'])

const isStep = ({ type, outcome }: PathEntry): boolean =>
  (type === 'start' || type === 'approval' || type === 'handle') && PASSED.has(outcome)

/** On the same branch of every fork that both lie in, and in no fork that the token is not in. */
function isUpstream(state: ProcessState, entry: PathEntry, from: PathEntry): boolean {
  const depth = entry.forks.length
  return entry.forks.every((forkId, place) => from.forks[place] === forkId) && entry.branch === branchAt(state, from, depth)
}

/** Which branch the token is in at this depth of forks. */
function branchAt(state: ProcessState, from: PathEntry, depth: number): number | undefined {
  const inner = from.forks[depth]
  return inner === undefined ? from.branch : entryOf(state, inner).branch
}
