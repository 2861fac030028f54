import type { TimerDoc } from '../../models/kernel/timers.ts'
import type { Services } from './services.ts'

/**
 * Who is told when a timer fires. Firing only raises an event that looks at the committed state again; it may come twice after a crash, so
 * whatever it does carries an id that follows from the timer's.
 */
export interface TimerKind {
  name: string
  /** @throws to be tried again; an `AppError` below 500 is final */
  fire(services: Services, timer: TimerDoc): Promise<void>
}

export type TimerKinds = ReadonlyMap<string, TimerKind>
