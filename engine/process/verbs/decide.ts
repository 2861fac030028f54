import { advance } from '../advance.ts'
import { taskOf } from '../authority.ts'
import { closeTasks } from '../closing.ts'
import { findNode } from '../definition.ts'
import type { EventOf } from '../event.ts'
import { refused } from '../result.ts'
import type { ProcessState } from '../state.ts'
import { draft, type Turn, type VerbResult } from '../turn.ts'
import { comment, requiredReason } from '../words.ts'

/** 同意: in mode `anyOf` the first one decides, and the case goes on. */
export function approve(state: ProcessState, event: EventOf<'approve'>, turn: Turn): VerbResult {
  const task = taskOf(state, event)
  if ('kind' in task) return task
  const words = comment(event.comment)
  if ('kind' in words) return words
  const node = findNode(turn.definition, task.nodeId)
  if (node?.type !== 'approval') return refused('approval.definition_invalid')
  const decision = { outcome: 'approved', byId: event.by, at: turn.now, comment: words.text, via: event.via } as const
  const closed = closeTasks(state, [task], decision)
  return advance(closed.state, node.next, event.by, closed.effects, turn)
}

/** 拒绝: one rejection ends the case; its reason is required. */
export function reject(state: ProcessState, event: EventOf<'reject'>, turn: Turn): VerbResult {
  const task = taskOf(state, event)
  if ('kind' in task) return task
  const reason = requiredReason(event.reason)
  if ('kind' in reason) return reason
  const decision = { outcome: 'rejected', byId: event.by, at: turn.now, comment: reason.text, via: event.via } as const
  const closed = closeTasks(state, [task], decision)
  return draft({ ...closed.state, status: 'rejected', finishedAt: turn.now }, [
    ...closed.effects,
    { type: 'finalised', outcome: 'rejected', byId: event.by, reason: reason.text },
  ])
}
