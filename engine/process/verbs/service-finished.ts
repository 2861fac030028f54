import type { EventOf } from '../event.ts'
import { findEntry, isActive } from '../path.ts'
import { refuse } from '../result.ts'
import type { PathEntry } from '../state.ts'
import { leave } from '../tokens/leave.ts'
import { goOn, standStill } from '../tokens/walk.ts'
import type { Turn } from '../turn.ts'

/** A command was done, and the case goes on; or it was refused, and the case stands still and says why. */
export function serviceFinished(turn: Turn, { entryId, ok, why }: EventOf<'serviceFinished'>): void {
  const entry = awaiting(turn, entryId, 'service')
  if (ok) goOn(turn, leave(turn, entryId, { outcome: 'done' }))
  else standStill(turn, entry, { code: 'service_failed', why: `「${entry.name}」没有成功:${why?.trim() || '原因不明'}` })
}

/** Where the case waits for this answer. Refused: `approval.answer_stale` when it does not, any more. */
export function awaiting({ state }: Turn, entryId: string, type: 'service' | 'subProcess'): PathEntry {
  const entry = findEntry(state, entryId)
  const isStopped = state.incidents.some(incident => incident.entryId === entryId)
  return entry && entry.type === type && isActive(entry) && !isStopped ? entry : refuse('approval.answer_stale')
}
