import type { EffectBody } from './effect.ts'
import { entryFor, given } from './path.ts'
import { refused } from './result.ts'
import type { PathEntry, ProcessState } from './state.ts'
import { type Draft, draft, type Turn, type VerbResult } from './turn.ts'
import { type Stop, walk } from './walk.ts'

/**
 * Moves a case on to `nodeId` and further, until it waits or ends.
 *
 * @param before the case with everything closed that the event closes; `effects` are those of the closing
 * @param byId who made it move
 */
export function advance(before: ProcessState, nodeId: string, byId: string, effects: EffectBody[], turn: Turn): VerbResult {
  const { passed, stop } = walk(nodeId, before, turn)
  const state = { ...before, path: [...before.path, ...passed] }
  switch (stop.type) {
    case 'unknown':
      return 'unknown'
    case 'broken':
      return refused('approval.definition_invalid')
    case 'task':
      return openTask(
        state,
        entryFor(stop.node, turn.now, { ...given('reason', stop.reason), assigneeIds: stop.assigneeIds }),
        effects,
        turn.now,
      )
    case 'end': {
      const entry = entryFor(stop.node, turn.now, { decidedAt: turn.now, outcome: 'ended' })
      return draft({ ...state, status: 'approved', path: [...state.path, entry], finishedAt: turn.now }, [
        ...effects,
        { type: 'finalised', outcome: 'approved', byId },
      ])
    }
    case 'incident':
      return raiseIncident(state, stop, effects, turn)
  }
}

/** Enters a node and asks its people. The task's id follows from its place in the path: a node entered again has a new task. */
export function openTask(before: ProcessState, entry: PathEntry, effects: EffectBody[], openedAt: number): Draft {
  const taskId = `${before.caseId}-${before.path.length}`
  const { nodeId, name, assigneeIds, reason } = entry
  const task = { taskId, nodeId, name, assigneeIds, ...given('reason', reason), openedAt }
  const state: ProcessState = {
    ...before,
    status: 'running',
    path: [...before.path, { ...entry, taskId }],
    openTasks: [...before.openTasks, task],
  }
  return draft(state, [
    ...effects,
    { type: 'taskOpened', taskId, nodeId, nodeName: name, assigneeIds, ...given('reason', reason) },
  ])
}

function raiseIncident(before: ProcessState, stop: Stop & { type: 'incident' }, effects: EffectBody[], turn: Turn): Draft {
  const { node, code, why, reason } = stop
  const state: ProcessState = {
    ...before,
    status: 'incident',
    path: [...before.path, entryFor(node, turn.now, given('reason', reason))],
    incident: { nodeId: node.id, code, why, since: turn.now },
  }
  return draft(state, [...effects, { type: 'incidentRaised', nodeId: node.id, code, why }])
}
