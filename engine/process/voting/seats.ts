import type { ApprovalMode } from '../mode.ts'
import type { Seat } from '../state.ts'

/** Most seats that one task ever has, those removed among them. */
export const MAX_SEATS = 100

/** How deep seats may hang below each other. */
export const MAX_SIGN_DEPTH = 5

/** A place that nobody has taken yet: its turn comes when the task's seats are put in order. */
export const newSeat = (taskId: string, place: number, personId: string, weight: number): Seat => ({
  seatId: `${taskId}.${place}`,
  personId,
  weight,
  status: 'waiting',
  transfers: [],
})

/** What this person's vote weighs at a node. */
export const weightOf = (mode: ApprovalMode, personId: string): number =>
  mode.type === 'vote' && Object.hasOwn(mode.weights, personId) ? (mode.weights[personId] ?? 1) : 1

export const isUndecided = ({ status }: Seat): boolean => status === 'waiting' || status === 'open'

/** Has this person a seat here, voted on or not? Nobody is given a second one by a colleague: one person, one vote. */
export const sitsAt = (seats: readonly Seat[], personId: string): boolean =>
  seats.some(({ status, personId: holder }) => status !== 'removed' && holder === personId)

/** Does this person speak for the seat: as the one whose it is, or as who stands in? */
export const speaksFor = (personId: string, seat: Seat): boolean => seat.personId === personId || seat.delegateId === personId

/** Seats that this person may vote on now. */
export const openSeatsOf = (seats: readonly Seat[], personId: string): Seat[] =>
  seats.filter(seat => seat.status === 'open' && speaksFor(personId, seat))

/** Whom a task asks now, each once: delegates in the place of those they stand in for. */
export const assigneesOf = (seats: readonly Seat[]): string[] => [
  ...new Set(seats.filter(({ status }) => status === 'open').map(({ personId, delegateId }) => delegateId ?? personId)),
]

/** Everybody who sat, sits or stood in at a node, and those who handed their seat on. */
export const everSeated = (seats: readonly Seat[]): string[] =>
  seats.flatMap(({ personId, delegateId, byId, transfers }) => [
    personId,
    ...[delegateId, byId].filter(id => id !== undefined),
    ...transfers.map(({ fromId }) => fromId),
  ])
