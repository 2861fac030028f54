import { isManned } from '../definition.ts'
import { changeEntry, entryOf } from '../path.ts'
import { refuse } from '../result.ts'
import type { Seat } from '../state.ts'
import { change, nodeOf, type Turn } from '../turn.ts'
import { standIn } from './delegation.ts'
import { assigneesOf } from './seats.ts'
import { withTurns } from './tree.ts'

/**
 * Puts the seats of an open task in order after one of them changed: whose turn it is, who stands in for them, whom the task asks.
 * Standing delegations are looked up for seats that open or change hands; `anew` looks all of them up again.
 */
export function orderSeats(turn: Turn, taskId: string, seats: readonly Seat[], anew = false): void {
  const { nodeId, seats: before } = entryOf(turn.state, taskId)
  const node = nodeOf(turn, nodeId)
  if (!isManned(node)) refuse('approval.definition_invalid')
  const known = new Map(anew ? [] : before.map(seat => [seat.seatId, seat]))
  const ordered = withTurns(seats, node.mode).map(seat => {
    if (seat.status !== 'open' && seat.status !== 'waiting') return seat
    const { delegateId: _, ...own } = seat
    if (seat.status === 'waiting') return own
    const was = known.get(seat.seatId)
    if (was?.status === 'open' && was.personId === seat.personId) return seat
    const delegateId = turn.rehearsal ? null : standIn(seat.personId, turn)
    return delegateId ? { ...own, delegateId } : own
  })
  changeEntry(turn, taskId, { seats: ordered })
  const assigneeIds = assigneesOf(ordered)
  change(turn, {
    openTasks: turn.state.openTasks.map(task => (task.taskId === taskId ? { ...task, assigneeIds } : task)),
  })
}
