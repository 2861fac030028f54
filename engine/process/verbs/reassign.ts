import { checkAdmin, checkNotOwn, checkRunning, mannedNodeOf, standingAt } from '../authority.ts'
import { conclude } from '../conclude.ts'
import type { EventOf } from '../event.ts'
import { changeEntry, joinReasons } from '../path.ts'
import { checkThere } from '../people.ts'
import { refuse } from '../result.ts'
import type { PathEntry, Seat } from '../state.ts'
import type { Turn } from '../turn.ts'
import { handed, tellTransfer } from '../voting/move.ts'
import { orderSeats } from '../voting/order.ts'
import { isUndecided, MAX_SEATS, newSeat, weightOf } from '../voting/seats.ts'
import { awaitedSeat, subtree } from '../voting/tree.ts'
import { requiredReason } from '../words.ts'

/**
 * An admin gives a task to other people: they take the open seats one by one; of more people each gets a seat beside, of fewer the
 * seats that are left over go. Whoever was added to a seat and has not voted goes with it. Votes that were cast stay, and seats
 * whose turn has not come.
 */
export function reassign(turn: Turn, event: EventOf<'reassign'>): void {
  checkAdmin(turn, event.by)
  checkRunning(turn)
  checkNotOwn(turn, event.by)
  const entry = standingAt(turn, event.taskId)
  const task = turn.state.openTasks.find(({ taskId }) => taskId === event.taskId) ?? nobodyAsked(turn, entry)
  const { mode } = mannedNodeOf(turn, task)
  const comment = requiredReason(event.reason)
  const people = [...new Set(event.people)]
  if (people.includes(turn.state.submitterId)) refuse('approval.assign_submitter')

  const replaced = awaitedSeats(entry.seats)
  const added = replaced.flatMap(seat => subtree(entry.seats, seat)).filter(seat => isUndecided(seat) && !replaced.includes(seat))
  const gone = new Set([...replaced.slice(people.length), ...added])
  const stays = (seat: Seat) => isUndecided(seat) && !gone.has(seat) && !replaced.includes(seat)
  if (entry.seats.some(seat => stays(seat) && people.includes(seat.personId))) refuse('approval.transfer_to_assignee')
  if (entry.seats.length + people.length - replaced.length > MAX_SEATS) refuse('approval.too_many_people')
  checkThere(people, turn)

  const handing = { why: 'admin', comment, via: event.via } as const
  const seats: Seat[] = []
  for (const seat of entry.seats) {
    const toId = people[replaced.indexOf(seat)]
    if (replaced.includes(seat) && toId !== undefined) seats.push(handed(seat, toId, turn.now, handing))
    else seats.push(gone.has(seat) ? { ...seat, status: 'removed' } : seat)
    if (seat !== replaced.at(-1)) continue
    for (const [place, personId] of people.slice(replaced.length).entries()) {
      seats.push(newSeat(entry.entryId, entry.seats.length + place, personId, weightOf(mode, personId)))
    }
  }
  for (const [place, { personId }] of replaced.entries()) {
    const toId = people[place]
    if (toId !== undefined) tellTransfer(turn, task, personId, toId, handing)
  }
  changeEntry(turn, entry.entryId, { reason: joinReasons(entry.reason, '由管理员指定审批人') ?? '' })
  orderSeats(turn, entry.entryId, seats)
  conclude(turn, entry.entryId, { by: event.by, comment, via: event.via })
}

/** The seats whose votes are awaited now, in their order. */
function awaitedSeats(seats: readonly Seat[]): Seat[] {
  const awaited = new Set(seats.filter(({ status }) => status === 'open').map(seat => awaitedSeat(seats, seat)))
  return seats.filter(seat => awaited.has(seat))
}

function nobodyAsked({ state }: Turn, { entryId }: PathEntry): never {
  const incident = state.incidents.find(open => open.entryId === entryId)
  return incident ? refuse('approval.incident', { why: incident.why }) : refuse('approval.unknown_task')
}
