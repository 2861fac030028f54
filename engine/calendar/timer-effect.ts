/**
 * What a process asks about time: `timerSet` wants a `timeout` event once so much working time has passed since the anchor, `timerCancelled`
 * does not want it any more. `rung` comes back with the event, and tells what is due. Ids follow from the case; a task entered again gets
 * new ones.
 */
export type TimerEffect =
  | { type: 'timerSet'; timerId: string; taskId: string; rung: string; workingSeconds: number; anchorAt: number }
  | { type: 'timerCancelled'; timerId: string }

/** What a process hears when a timer is due. It looks at its state again: the task may be over. */
export interface TimeoutEvent {
  type: 'timeout'
  taskId: string
  rung: string
}
