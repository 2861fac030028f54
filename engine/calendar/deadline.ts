import { addWorkingMs, elapsedWorkingMs } from './count.ts'
import { dayAt, yearOf } from './local-day.ts'
import type { WorkTime } from './work-time.ts'
import { wallAt } from './zone.ts'

/** Working time that is running, or stopped with what it had used up. Milliseconds, so that many pauses lose nothing. */
export interface WorkingCount {
  /** Since when it runs; null while it is paused. */
  anchorAt: number | null
  /** Used up before `anchorAt`. */
  consumedMs: number
  /** The calendar it was last counted in. */
  calendarRevision: number
}

export const startCount = (time: WorkTime, at: number): WorkingCount => ({
  anchorAt: at,
  consumedMs: 0,
  calendarRevision: time.calendar.revision,
})

/** When `workingSeconds` are used up; null while it is paused, for then it never is. */
export function deadlineOf(time: WorkTime, { anchorAt, consumedMs }: WorkingCount, workingSeconds: number): number | null {
  return anchorAt === null ? null : addWorkingMs(time, anchorAt, workingSeconds * 1000 - consumedMs)
}

/** Stop counting. A second pause changes nothing. */
export function pause(time: WorkTime, count: WorkingCount, at: number): WorkingCount {
  if (count.anchorAt === null) return count
  return {
    anchorAt: null,
    consumedMs: count.consumedMs + elapsedWorkingMs(time, count.anchorAt, at),
    calendarRevision: time.calendar.revision,
  }
}

/** Count on. Resuming what runs changes nothing. */
export const resume = (time: WorkTime, count: WorkingCount, at: number): WorkingCount =>
  count.anchorAt === null ? { ...count, anchorAt: at, calendarRevision: time.calendar.revision } : count

/**
 * The same count under a changed calendar: what runs is counted anew from its anchor, also the part that lies behind us, for a calendar is
 * mended as often as it is extended; what was used up before a pause stays as it was counted.
 */
export const recompute = (time: WorkTime, count: WorkingCount): WorkingCount => ({
  ...count,
  calendarRevision: time.calendar.revision,
})

/** Does counting from one moment to the other touch a year whose official holidays are not known yet? Then the result is provisional. */
export function usesUnpublishedYear(time: WorkTime, fromAt: number, toAt: number): boolean {
  const { publishedYears } = time.calendar
  if (publishedYears === 'every') return false
  const yearAt = (at: number): number => yearOf(dayAt(wallAt(time.zone, at)))
  for (let year = yearAt(fromAt); year <= yearAt(toAt); year += 1) {
    if (!publishedYears.includes(year)) return true
  }
  return false
}
