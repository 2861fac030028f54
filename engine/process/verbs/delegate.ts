import { checkRunning } from '../authority.ts'
import { entryOf } from '../path.ts'
import { refuse } from '../result.ts'
import type { Turn } from '../turn.ts'
import { orderSeats } from '../voting/order.ts'

/**
 * A standing delegation began or ended: who stands in is looked up again for every open seat. Seats that wait are asked when their
 * turn comes. Refused: `approval.nothing_changed`.
 */
export function delegate(turn: Turn): void {
  checkRunning(turn)
  const standIns = () =>
    turn.state.openTasks.flatMap(({ taskId }) => entryOf(turn.state, taskId).seats.map(seat => seat.delegateId))
  const before = standIns()
  for (const { taskId, kind } of turn.state.openTasks) {
    if (kind !== 'resubmit') orderSeats(turn, taskId, entryOf(turn.state, taskId).seats, true)
  }
  const after = standIns()
  if (before.every((personId, place) => personId === after[place])) refuse('approval.nothing_changed')
}
