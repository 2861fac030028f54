import type { ProcessDefinition } from './definition.ts'
import { findEntry } from './path.ts'
import type { ProcessState } from './state.ts'
import { withinReach } from './tokens/scope.ts'
import { type WayPoint, wayBack } from './tokens/way.ts'

/** Where the people of this task can send the case back to, the start (its submitter) first. */
export function returnTargets(definition: ProcessDefinition, state: ProcessState, taskId: string): WayPoint[] {
  const entry = findEntry(state, taskId)
  return entry ? wayBack(definition, state, entry) : []
}

/** The nodes to which an admin can send the branch that stands here. */
export function rerouteTargets(definition: ProcessDefinition, state: ProcessState, entryId: string): string[] {
  const entry = findEntry(state, entryId)
  return entry ? withinReach(definition, state, entry) : []
}
