import { checkAdmin, checkNotOwn, checkRunning, standingAt } from '../authority.ts'
import { exitsOf } from '../definition.ts'
import type { EventOf } from '../event.ts'
import { refuse } from '../result.ts'
import { leave } from '../tokens/leave.ts'
import { goOn } from '../tokens/walk.ts'
import { nodeOf, type Turn } from '../turn.ts'
import { requiredReason } from '../words.ts'

/**
 * An admin lets the case go on without a step: one where people are asked, or one that waits for a moment, a command or another
 * case. Votes that were cast there stay in the path. Refused: `approval.branch_required` where the way on must be chosen.
 */
export function skip(turn: Turn, event: EventOf<'skip'>): void {
  checkAdmin(turn, event.by)
  checkRunning(turn)
  checkNotOwn(turn, event.by)
  const node = nodeOf(turn, standingAt(turn, event.taskId).nodeId)
  if (!('next' in node) || node.type === 'join')
    refuse('approval.branch_required', { choices: exitsOf(node).map(({ next }) => next) })
  const comment = requiredReason(event.reason)
  goOn(turn, leave(turn, event.taskId, { outcome: 'skipped', byId: event.by, comment, via: event.via }))
}
