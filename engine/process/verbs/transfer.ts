import { checkOperation, mannedNodeOf, taskOf } from '../authority.ts'
import type { EventOf } from '../event.ts'
import { entryOf } from '../path.ts'
import { checkThere } from '../people.ts'
import { refuse } from '../result.ts'
import type { Turn } from '../turn.ts'
import { moveSeats } from '../voting/move.ts'
import { openSeatsOf, sitsAt } from '../voting/seats.ts'
import { comment } from '../words.ts'

/**
 * 转交: `to` takes the seats on which `by` may vote now; the others stay, and so do votes that were cast. Refused:
 * `approval.transfer_to_assignee` for who sits here already, also with a vote that is cast.
 */
export function transfer(turn: Turn, event: EventOf<'transfer'>): void {
  const task = taskOf(turn, event)
  checkOperation(mannedNodeOf(turn, task), 'transfer')
  const { by, to } = event
  const { seats } = entryOf(turn.state, task.taskId)
  if (to === by) refuse('approval.transfer_to_self')
  if (to === turn.state.submitterId) refuse('approval.transfer_to_submitter')
  if (sitsAt(seats, to)) refuse('approval.transfer_to_assignee')
  checkThere([to], turn)
  moveSeats(turn, task, openSeatsOf(seats, by), to, { why: 'asked', comment: comment(event.comment), via: event.via })
}
