import type { MannedNode } from '../definition.ts'
import { entryOf, given } from '../path.ts'
import type { OpenTask } from '../state.ts'
import type { Turn } from '../turn.ts'
import { orderSeats } from './order.ts'
import { openSeatsOf } from './seats.ts'

export interface Vote {
  status: 'approved' | 'rejected'
  by: string
  comment?: string | undefined
  via?: string | undefined
}

/** A person votes on every open seat that they speak for: their own, and those of the absent they stand in for. */
export function castVote(
  turn: Turn,
  { taskId, name: nodeName }: OpenTask,
  node: MannedNode,
  { status, by, comment, via }: Vote,
): void {
  const { seats } = entryOf(turn.state, taskId)
  const mine = new Set(openSeatsOf(seats, by))
  const vote = { status, decidedAt: turn.now, byId: by, ...given('comment', comment), ...given('via', via) }
  const outcome = node.type === 'handle' ? 'done' : status
  turn.acts.push({ type: 'voted', taskId, nodeName, byId: by, outcome, ...given('comment', comment) })
  orderSeats(
    turn,
    taskId,
    seats.map(seat => (mine.has(seat) ? { ...seat, ...vote } : seat)),
  )
}
