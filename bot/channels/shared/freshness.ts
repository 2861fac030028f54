import { type Clock, systemClock } from '../../../common/clock.ts'

export interface FreshnessClocks {
  clock: Clock
  /** The time outside. Differs from `clock` only while a test has moved that one; the platform's timestamps may follow either. */
  wallClock?: Clock
}

/** Is a platform's timestamp (milliseconds) close enough to now, so that a captured callback cannot be replayed for long? */
export function isFresh(at: number, withinMs: number, { clock, wallClock = systemClock }: FreshnessClocks): boolean {
  return Math.abs(clock.now() - at) <= withinMs || Math.abs(wallClock.now() - at) <= withinMs
}
