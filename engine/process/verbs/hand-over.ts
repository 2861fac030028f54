import { checkAdmin, checkRunning } from '../authority.ts'
import type { EventOf } from '../event.ts'
import { entryOf } from '../path.ts'
import { checkThere } from '../people.ts'
import { refuse } from '../result.ts'
import type { Turn } from '../turn.ts'
import { moveSeats } from '../voting/move.ts'
import { orderSeats } from '../voting/order.ts'
import { isUndecided } from '../voting/seats.ts'

/**
 * 交接: all seats of a leaver that are open or wait go to somebody else, who may sit there already; those for whom the leaver stood
 * in are asked again, or who stands in for them now. Votes that the leaver cast stay. Refused: `approval.handover_to_submitter`,
 * `approval.nothing_changed`.
 */
export function handOver(turn: Turn, event: EventOf<'handOver'>): void {
  checkAdmin(turn, event.by)
  checkRunning(turn)
  const { from, to, via } = event
  if (from === to) refuse('approval.transfer_to_self')
  if (to === turn.state.submitterId) refuse('approval.handover_to_submitter')
  checkThere([to], turn)
  let isChanged = false
  for (const task of turn.state.openTasks) {
    const { seats } = entryOf(turn.state, task.taskId)
    const moving = seats.filter(seat => isUndecided(seat) && seat.personId === from)
    const stoodIn = seats.some(seat => seat.status === 'open' && seat.delegateId === from)
    if (moving.length > 0) moveSeats(turn, task, moving, to, { why: 'leaver', via })
    if (stoodIn) orderSeats(turn, task.taskId, entryOf(turn.state, task.taskId).seats, true)
    isChanged ||= moving.length > 0 || stoodIn
  }
  if (!isChanged) refuse('approval.nothing_changed')
}
