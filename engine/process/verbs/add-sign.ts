import { checkOperation, mannedNodeOf, taskOf } from '../authority.ts'
import type { EventOf } from '../event.ts'
import { entryOf, given } from '../path.ts'
import { checkThere } from '../people.ts'
import { refuse } from '../result.ts'
import type { Turn } from '../turn.ts'
import { orderSeats } from '../voting/order.ts'
import { MAX_SEATS, MAX_SIGN_DEPTH, newSeat, openSeatsOf, sitsAt } from '../voting/seats.ts'
import { depthOf } from '../voting/tree.ts'
import { comment } from '../words.ts'

/**
 * 加签: more people at this task, below the seat of who adds them. `before`: all of them must approve first; `after`: once that seat
 * has approved; `parallel`: beside it, with a vote of their own that weighs 1. Refused: `approval.sign_submitter`,
 * `approval.sign_assignee { personIds }` for people who sit here already, `approval.too_many_people`.
 */
export function addSign(turn: Turn, event: EventOf<'addSign'>): void {
  const task = taskOf(turn, event)
  checkOperation(mannedNodeOf(turn, task), 'addSign')
  const { taskId, name: nodeName } = task
  const { seats } = entryOf(turn.state, taskId)
  const [above] = openSeatsOf(seats, event.by)
  const personIds = [...new Set(event.people)]
  if (personIds.includes(turn.state.submitterId)) refuse('approval.sign_submitter')
  const seated = personIds.filter(id => sitsAt(seats, id))
  if (seated.length > 0) refuse('approval.sign_assignee', { personIds: seated })
  const isTooDeep = !above || depthOf(seats, above) >= MAX_SIGN_DEPTH
  if (isTooDeep || seats.length + personIds.length > MAX_SEATS) refuse('approval.too_many_people')
  const words = comment(event.comment)
  checkThere(personIds, turn)

  const { placement, by: byId } = event
  const addedTo = { seatId: above.seatId, placement, byId }
  const added = personIds.map((personId, place) => ({
    ...newSeat(taskId, seats.length + place, personId, placement === 'parallel' ? 1 : 0),
    addedTo,
  }))
  turn.acts.push({ type: 'signAdded', taskId, nodeName, byId, personIds, placement, ...given('comment', words) })
  orderSeats(turn, taskId, [...seats, ...added])
}
