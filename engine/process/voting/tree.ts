import type { ApprovalMode } from '../mode.ts'
import type { Seat } from '../state.ts'
import { isUndecided } from './seats.ts'

type Verdict = 'approved' | 'rejected' | undefined
type Placement = 'before' | 'after' | 'parallel'

const below = (seats: readonly Seat[], seat: Seat, placement: Placement): Seat[] =>
  seats.filter(({ addedTo }) => addedTo?.seatId === seat.seatId && addedTo.placement === placement)

/** A seat and those added beside it: they share its place, and keep it when the seat itself is taken away. */
const beside = (seats: readonly Seat[], seat: Seat): Seat[] => [
  ...(seat.status === 'removed' ? [] : [seat]),
  ...below(seats, seat, 'parallel').flatMap(added => beside(seats, added)),
]

/** Those who must approve before, or after, this seat votes. */
const group = (seats: readonly Seat[], seat: Seat, placement: 'before' | 'after'): Seat[] =>
  below(seats, seat, placement).flatMap(added => beside(seats, added))

/** The seats of the node itself, each with those added beside it, in their order. */
export const places = (seats: readonly Seat[]): Seat[][] =>
  seats.filter(({ addedTo }) => !addedTo).map(seat => beside(seats, seat))

/**
 * What a seat's vote comes to with the seats added before and after it: all of them must approve, and one that rejects makes it a
 * rejection.
 */
export function verdictOf(seats: readonly Seat[], seat: Seat): Verdict {
  const before = group(seats, seat, 'before').map(added => verdictOf(seats, added))
  if (seat.status === 'rejected' || before.includes('rejected')) return 'rejected'
  if (seat.status !== 'approved') return undefined
  const after = group(seats, seat, 'after').map(added => verdictOf(seats, added))
  if (after.includes('rejected')) return 'rejected'
  return after.every(verdict => verdict === 'approved') ? 'approved' : undefined
}

/** Those of a group whose turn it is. */
function asked(seats: readonly Seat[], members: readonly Seat[]): Seat[] {
  return members.flatMap(seat => {
    if (verdictOf(seats, seat)) return []
    const before = group(seats, seat, 'before')
    if (before.some(added => verdictOf(seats, added) !== 'approved')) return asked(seats, before)
    return isUndecided(seat) ? [seat] : asked(seats, group(seats, seat, 'after'))
  })
}

/** The seats with their turns: who is asked now is open, the other undecided ones wait. */
export function withTurns(seats: readonly Seat[], mode: ApprovalMode): Seat[] {
  const inOrder = places(seats)
  const next = inOrder.find(place => place.some(seat => verdictOf(seats, seat) !== 'approved')) ?? []
  const open = new Set(asked(seats, mode.type === 'sequential' ? next : inOrder.flat()))
  return seats.map(seat => (isUndecided(seat) ? { ...seat, status: open.has(seat) ? 'open' : 'waiting' } : seat))
}

/** Everything that hangs below a seat. */
export const subtree = (seats: readonly Seat[], seat: Seat): Seat[] =>
  seats.filter(({ addedTo }) => addedTo?.seatId === seat.seatId).flatMap(added => [added, ...subtree(seats, added)])

/** The seat for whose vote this one is awaited: itself, or the topmost before which it was added. */
export function awaitedSeat(seats: readonly Seat[], seat: Seat): Seat {
  let awaited = seat
  for (let here: Seat | undefined = seat; here?.addedTo; ) {
    const { seatId, placement }: { seatId: string; placement: Placement } = here.addedTo
    here = seats.find(candidate => candidate.seatId === seatId)
    if (here && placement === 'before') awaited = here
  }
  return awaited
}

/** Is this vote awaited because somebody who has voted wanted it after theirs? */
export function isHeardAfter(seats: readonly Seat[], { addedTo }: Seat): boolean {
  if (!addedTo) return false
  const above = seats.find(({ seatId }) => seatId === addedTo.seatId)
  return addedTo.placement === 'after' || (above !== undefined && isHeardAfter(seats, above))
}

/** How many seats are above this one. */
export function depthOf(seats: readonly Seat[], seat: Seat): number {
  const above = seats.find(({ seatId }) => seatId === seat.addedTo?.seatId)
  return above ? 1 + depthOf(seats, above) : 0
}
