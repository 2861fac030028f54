import { entryOf, given } from '../path.ts'
import type { OpenTask, Seat, Transfer } from '../state.ts'
import type { Turn } from '../turn.ts'
import { orderSeats } from './order.ts'

/** Why and with which words seats change hands. */
export interface Handing {
  why: Transfer['why']
  comment?: string | undefined
  via?: string | undefined
}

/** A seat in other hands: its weight, its place and what hangs below it stay. */
export function handed(seat: Seat, toId: string, at: number, { why, comment, via }: Handing): Seat {
  const { delegateId: _, ...rest } = seat
  const transfer = { fromId: seat.personId, toId, at, why, ...given('comment', comment), ...given('via', via) }
  return { ...rest, personId: toId, transfers: [...seat.transfers, transfer] }
}

/** Gives seats of a task that nobody has voted on to somebody else. */
export function moveSeats(turn: Turn, task: OpenTask, moving: readonly Seat[], toId: string, handing: Handing): void {
  const { seats } = entryOf(turn.state, task.taskId)
  const ids = new Set(moving.map(({ seatId }) => seatId))
  for (const { personId } of moving) tellTransfer(turn, task, personId, toId, handing)
  orderSeats(
    turn,
    task.taskId,
    seats.map(seat => (ids.has(seat.seatId) ? handed(seat, toId, turn.now, handing) : seat)),
  )
}

export function tellTransfer(
  turn: Turn,
  { taskId, name: nodeName }: OpenTask,
  fromId: string,
  toId: string,
  { why, comment }: Handing,
): void {
  turn.acts.push({ type: 'transferred', taskId, nodeName, fromId, toId, why, ...given('comment', comment) })
}
