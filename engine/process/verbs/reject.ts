import { mannedNodeOf, taskOf } from '../authority.ts'
import { conclude } from '../conclude.ts'
import type { EventOf } from '../event.ts'
import { refuse } from '../result.ts'
import type { Turn } from '../turn.ts'
import { castVote } from '../voting/vote.ts'
import { requiredReason } from '../words.ts'

/** 拒绝: a vote against; what it comes to is the mode's matter. Its reason is required. At a handling node there is nothing to reject. */
export function reject(turn: Turn, event: EventOf<'reject'>): void {
  const task = taskOf(turn, event)
  const node = mannedNodeOf(turn, task)
  if (node.type === 'handle') refuse('approval.nothing_to_reject', { nodeName: node.name })
  const act = { by: event.by, comment: requiredReason(event.reason), via: event.via }
  castVote(turn, task, node, { status: 'rejected', ...act })
  conclude(turn, task.taskId, act)
}
