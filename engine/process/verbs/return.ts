import { checkOperation, mannedNodeOf, taskOf } from '../authority.ts'
import type { EventOf } from '../event.ts'
import { entryOf } from '../path.ts'
import { refuse } from '../result.ts'
import { leave } from '../tokens/leave.ts'
import { sendBack } from '../tokens/send-back.ts'
import { wayBack } from '../tokens/way.ts'
import type { Turn } from '../turn.ts'
import { requiredReason } from '../words.ts'

/**
 * 退回 to a step behind this one, or to the submitter. Votes that were cast here stay in the path and count no more. Refused:
 * `approval.return_target { choices }` for a step that this branch did not come through.
 */
export function sendBackTo(turn: Turn, event: EventOf<'return'>): void {
  const task = taskOf(turn, event)
  checkOperation(mannedNodeOf(turn, task), 'return')
  const reason = requiredReason(event.reason)
  const way = wayBack(turn.definition, turn.state, entryOf(turn.state, task.taskId))
  const target = way.find(({ nodeId }) => nodeId === event.to)
  if (!target) refuse('approval.return_target', { choices: way.map(({ nodeId }) => nodeId) })
  const left = leave(turn, task.taskId, { outcome: 'returned', byId: event.by, comment: reason, via: event.via })
  sendBack(turn, left, entryOf(turn.state, target.entryId), { byId: event.by, reason, resume: event.resume })
}
