import type { ProcessState } from './state.ts'

/** How long the case was, or is, at one approval step. */
export interface StepDuration {
  nodeId: string
  name: string
  enteredAt: number
  /** Absent while the case is there. */
  leftAt?: number
  /** Wall-clock milliseconds. */
  durationMs: number
}

/** Times that the case passed from one pair of hands to others: steps that people were asked at, and transfers. */
export const handOffs = (state: ProcessState): number =>
  state.path.reduce((count, entry) => count + (entry.taskId === undefined ? 0 : 1) + entry.transfers.length, 0)

/** Each approval step in the order entered, with the time spent; the last one counts up to `now` (milliseconds since the epoch). */
export const durations = (state: ProcessState, now: number): StepDuration[] =>
  state.path
    .filter(entry => entry.type === 'approval')
    .map(({ nodeId, name, enteredAt, decidedAt: leftAt }) => ({
      nodeId,
      name,
      enteredAt,
      ...(leftAt !== undefined && { leftAt }),
      durationMs: (leftAt ?? now) - enteredAt,
    }))
