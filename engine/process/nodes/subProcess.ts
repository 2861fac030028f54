import { changeEntry } from '../path.ts'
import type { PathEntry } from '../state.ts'
import type { Turn } from '../turn.ts'
import { type Arrival, waits } from './arrival.ts'

/** Another process begins, and is waited for. */
export function arriveAtSubProcess(turn: Turn, { entryId }: PathEntry): Arrival {
  changeEntry(turn, entryId, { childCaseId: `${entryId}-child` })
  return waits
}
