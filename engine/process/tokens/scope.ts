import { exitsOf, findNode, type ProcessDefinition } from '../definition.ts'
import { entryOf } from '../path.ts'
import type { PathEntry, ProcessState } from '../state.ts'

/** Within which fork nodes each node is drawn, outermost first; nodes that nothing leads to are left out. */
export function forkScopes(definition: ProcessDefinition): Map<string, readonly string[]> {
  const scopes = new Map<string, readonly string[]>()
  const open: { nodeId: string; scope: readonly string[] }[] = definition.nodes
    .filter(({ type }) => type === 'start')
    .map(({ id }) => ({ nodeId: id, scope: [] }))
  for (const { nodeId, scope } of open) {
    const node = findNode(definition, nodeId)
    if (!node || scopes.has(nodeId)) continue
    const own = node.type === 'join' ? scope.slice(0, -1) : scope
    scopes.set(nodeId, own)
    const inner = node.type === 'parallel' || node.type === 'inclusive' ? [...own, nodeId] : own
    open.push(...exitsOf(node).map(({ next }) => ({ nodeId: next, scope: inner })))
  }
  return scopes
}

/**
 * Nodes to which an admin can send a token without breaking what its branches meet at: all within the same forks, and the join where
 * its own branch ends.
 */
export function withinReach(definition: ProcessDefinition, state: ProcessState, entry: PathEntry): string[] {
  const forkNodes = entry.forks.map(forkId => entryOf(state, forkId).nodeId)
  const ownJoin = state.openForks.find(({ forkId }) => forkId === entry.forks.at(-1))?.joinId
  const scopes = forkScopes(definition)
  return definition.nodes
    .filter(({ id, type }) => {
      if (type === 'join') return id === ownJoin
      if (type === 'start') return false
      return scopes.get(id)?.join() === forkNodes.join()
    })
    .map(({ id }) => id)
}
