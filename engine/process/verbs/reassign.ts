import { checkAdmin, checkNotOwn, checkRunning, mannedNodeOf, standingAt } from '../authority.ts'
import { conclude } from '../conclude.ts'
import type { EventOf } from '../event.ts'
import { changeEntry, given, joinReasons } from '../path.ts'
import { checkThere } from '../people.ts'
import { refuse } from '../result.ts'
import type { PathEntry, Seat } from '../state.ts'
import { change, type Turn } from '../turn.ts'
import { handed, tellTransfer } from '../voting/move.ts'
import { orderSeats } from '../voting/order.ts'
import { isUndecided, MAX_SEATS, newSeat, weightOf } from '../voting/seats.ts'
import { awaitedSeat, isHeardAfter, subtree } from '../voting/tree.ts'
import { requiredReason } from '../words.ts'

/**
 * An admin gives a task to other people: they take the seats whose votes are awaited, one by one. Of more people the rest sit beside the
 * last of them. Of fewer, the seats left over go, except those that somebody who has voted wanted to be heard after them: the last one
 * takes these too. Whoever was added below an awaited seat and has not voted goes. Votes that were cast stay, and so do seats whose
 * turn has not come.
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

  const { seats } = entry
  const awaited = awaitedSeats(seats)
  const heirs = new Map(
    awaited.flatMap((seat, place) => pair(seat, people[place] ?? (isHeardAfter(seats, seat) ? people.at(-1) : undefined))),
  )
  const below = awaited.flatMap(seat => subtree(seats, seat)).filter(seat => isUndecided(seat) && !awaited.includes(seat))
  const gone = new Set([...awaited.filter(seat => !heirs.has(seat)), ...below])
  const stays = (seat: Seat) => isUndecided(seat) && !gone.has(seat) && !heirs.has(seat)
  if (seats.some(seat => stays(seat) && people.includes(seat.personId))) refuse('approval.transfer_to_assignee')
  const more = people.slice(awaited.length)
  if (seats.length + more.length > MAX_SEATS) refuse('approval.too_many_people')
  checkThere(people, turn)

  const handing = { why: 'admin', comment, via: event.via } as const
  for (const [{ personId }, toId] of heirs) tellTransfer(turn, task, personId, toId, handing)
  const changed = seats.map((seat): Seat => {
    const toId = heirs.get(seat)
    if (toId !== undefined) return handed(seat, toId, turn.now, handing)
    return gone.has(seat) ? { ...seat, status: 'removed' } : seat
  })
  const [last] = awaited.slice(-1)
  const beside = more.map((personId, place) => ({
    ...newSeat(entry.entryId, seats.length + place, personId, weightOf(mode, personId)),
    ...(last && { addedTo: { seatId: last.seatId, placement: 'parallel' as const, byId: event.by } }),
  }))
  noteAdmin(turn, entry)
  orderSeats(turn, entry.entryId, [...changed, ...beside])
  conclude(turn, entry.entryId, { by: event.by, comment, via: event.via })
}

/** Who is asked now is told that an admin named them. */
function noteAdmin(turn: Turn, { entryId, reason }: PathEntry): void {
  const note = '由管理员指定审批人'
  const told = reason?.includes(note) ? reason : joinReasons(reason, note)
  changeEntry(turn, entryId, given('reason', told))
  change(turn, {
    openTasks: turn.state.openTasks.map(task => (task.taskId === entryId ? { ...task, ...given('reason', told) } : task)),
  })
}

/** The seats whose votes are awaited now, in their order. */
function awaitedSeats(seats: readonly Seat[]): Seat[] {
  const awaited = new Set(seats.filter(({ status }) => status === 'open').map(seat => awaitedSeat(seats, seat)))
  return seats.filter(seat => awaited.has(seat))
}

const pair = (seat: Seat, toId: string | undefined): [Seat, string][] => (toId === undefined ? [] : [[seat, toId]])

function nobodyAsked({ state }: Turn, { entryId }: PathEntry): never {
  const incident = state.incidents.find(open => open.entryId === entryId)
  return incident ? refuse('approval.incident', { why: incident.why }) : refuse('approval.unknown_task')
}
