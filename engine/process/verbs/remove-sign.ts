import { checkAdmin, checkOperation, mannedNodeOf, stepDecided } from '../authority.ts'
import { conclude } from '../conclude.ts'
import type { EventOf } from '../event.ts'
import { entryOf, findEntry } from '../path.ts'
import { refuse } from '../result.ts'
import type { OpenTask, Seat } from '../state.ts'
import type { Turn } from '../turn.ts'
import { orderSeats } from '../voting/order.ts'
import { isUndecided } from '../voting/seats.ts'
import { subtree } from '../voting/tree.ts'

/**
 * 减签: people who were added and have not voted, with all that was added below them. Only by who added them, or an admin. What is
 * left may decide the node. Refused: `approval.sign_not_removable { personIds }`.
 */
export function removeSign(turn: Turn, event: EventOf<'removeSign'>): void {
  const personIds = [...new Set(event.people)]
  const task = taskWith(turn, event, personIds)
  const node = mannedNodeOf(turn, task)
  const { seats } = entryOf(turn.state, task.taskId)
  const chosen = personIds.map(id => addedSeat(seats, id))
  const missing = personIds.filter((_, index) => !chosen[index])
  if (missing.length > 0) refuse('approval.sign_not_removable', { personIds: missing })
  const removing = chosen.filter(seat => seat !== undefined)
  if (removing.some(({ addedTo }) => addedTo?.byId !== event.by)) checkAdmin(turn, event.by)
  else checkOperation(node, 'removeSign')

  const gone = new Set(removing.flatMap(seat => [seat, ...subtree(seats, seat)]))
  const { taskId, name: nodeName } = task
  turn.acts.push({ type: 'signRemoved', taskId, nodeName, byId: event.by, personIds })
  orderSeats(
    turn,
    taskId,
    seats.map(seat => (gone.has(seat) ? { ...seat, status: 'removed' } : seat)),
  )
  conclude(turn, taskId, { by: event.by, via: event.via })
}

/** The open task that is meant: without an id the first at which one of these people was added. */
function taskWith({ state }: Turn, { taskId }: EventOf<'removeSign'>, personIds: readonly string[]): OpenTask {
  const task = state.openTasks.find(open =>
    taskId === undefined ? personIds.some(id => addedSeat(entryOf(state, open.taskId).seats, id)) : open.taskId === taskId,
  )
  if (task) return task
  if (taskId === undefined) return refuse('approval.sign_not_removable', { personIds: [...personIds] })
  const entry = findEntry(state, taskId)
  return entry ? stepDecided(entry) : refuse('approval.unknown_task')
}

const addedSeat = (seats: readonly Seat[], personId: string): Seat | undefined =>
  seats.find(seat => seat.addedTo !== undefined && isUndecided(seat) && seat.personId === personId)
