import { findNode, isManned, type MannedNode, type ProcessDefinition, type ProcessNode } from './definition.ts'
import { entryOf, isActive } from './path.ts'
import type { PathEntry, ProcessState } from './state.ts'
import { forkScopes } from './tokens/scope.ts'

/** Where cases that wait at a node of the old version go on in the new one; a node that is not named keeps its id. */
export type NodeMapping = Readonly<Record<string, string>>

/** What moving one running case to another version of its process does to it. */
export interface MigrationReport {
  caseId: string
  from: number
  to: number
  /** Where the case waits now, and where it will wait. */
  moves: { entryId: string; from: string; to: string }[]
  /** What becomes different for it, in sentences. */
  changes: string[]
  /** Why it cannot be moved; it can when there is nothing. */
  blocked: string[]
}

/** Compares where a case stands with the new version. Nothing is changed. */
export function reportMigration(
  state: ProcessState,
  from: ProcessDefinition,
  to: ProcessDefinition,
  mapping: NodeMapping = {},
): MigrationReport {
  const report: MigrationReport = {
    caseId: state.caseId,
    from: from.version,
    to: to.version,
    moves: [],
    changes: [],
    blocked: [],
  }
  if (from.key !== to.key) report.blocked.push(`「${to.name}」是另一个流程`)
  const scopes = forkScopes(to)
  for (const entry of standing(state)) {
    const nodeId = targetOf(entry.nodeId, mapping)
    const before = findNode(from, entry.nodeId)
    const node = findNode(to, nodeId)
    if (node?.type !== entry.type) {
      report.blocked.push(node ? `「${entry.name}」在新版本中不是同一种节点` : `新版本中没有「${entry.name}」这一步`)
      continue
    }
    const forks = entry.forks.map(forkId => targetOf(entryOf(state, forkId).nodeId, mapping))
    if (scopes.get(nodeId)?.join() !== forks.join()) {
      report.blocked.push(`「${entry.name}」在新版本中不在同样的并行分支里`)
      continue
    }
    if (isActive(entry)) {
      report.moves.push({ entryId: entry.entryId, from: entry.nodeId, to: nodeId })
      report.changes.push(...(before ? differences(before, node) : []))
    }
  }
  for (const { joinId } of state.openForks) {
    if (findNode(to, targetOf(joinId, mapping))?.type !== 'join') {
      report.blocked.push(`新版本中没有「${findNode(from, joinId)?.name ?? joinId}」这个汇合`)
    }
  }
  return report
}

/** The case as it stands in the new version: where it waits has the new version's ids and names, what was decided stays. */
export function moved(state: ProcessState, to: ProcessDefinition, mapping: NodeMapping): ProcessState {
  const standingIds = new Set(standing(state).map(({ entryId }) => entryId))
  const renamed = <T extends { nodeId: string; name: string }>(place: T): T => {
    const node = findNode(to, targetOf(place.nodeId, mapping))
    return node ? { ...place, nodeId: node.id, name: node.name } : place
  }
  return {
    ...state,
    definition: { key: to.key, version: to.version },
    path: state.path.map(entry => (standingIds.has(entry.entryId) ? renamed(entry) : entry)),
    openTasks: state.openTasks.map(renamed),
    openForks: state.openForks.map(fork => ({ ...fork, joinId: targetOf(fork.joinId, mapping) })),
    incidents: state.incidents.map(incident => ({ ...incident, nodeId: targetOf(incident.nodeId, mapping) })),
  }
}

const targetOf = (nodeId: string, mapping: NodeMapping): string =>
  Object.hasOwn(mapping, nodeId) ? (mapping[nodeId] ?? nodeId) : nodeId

/** Entries that the case still stands on: where it waits, and the forks that are open around it. */
function standing(state: ProcessState): PathEntry[] {
  const forks = new Set(state.openForks.map(({ forkId }) => forkId))
  return state.path.filter(entry => isActive(entry) || forks.has(entry.entryId))
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

function differences(before: ProcessNode, after: ProcessNode): string[] {
  const told: string[] = []
  if (before.name !== after.name) told.push(`「${before.name}」改名为「${after.name}」`)
  if (isManned(before) && isManned(after)) told.push(...mannedDifferences(before, after))
  if ('next' in before && 'next' in after && before.next !== after.next) told.push(`「${after.name}」之后走另一步`)
  return told
}

function mannedDifferences(before: MannedNode, after: MannedNode): string[] {
  const told: string[] = []
  if (!isSame(before.mode, after.mode)) told.push(`「${after.name}」从下一票起按新的表决方式计算,已投的票有效`)
  if (!isSame(before.approvers, after.approvers)) told.push(`「${after.name}」的审批人规则变了,已经在处理的人不变`)
  if (!isSame(before.timeLimit, after.timeLimit)) told.push(`「${after.name}」的时限变了,从原来的起点重新计算`)
  return told
}
