import { AppError } from '../../common/errors.ts'
import { HORIZON_MS, type WorkTime, workingFrom } from './work-time.ts'

const beyondHorizon = (time: WorkTime): AppError =>
  new AppError('calendar.beyond_horizon', '按这个工作日历计算,时间超出了二十年。请检查日历的工作时间。', {
    details: { calendarId: time.calendar.id },
  })

/**
 * The moment at which `durationMs` of working time have passed since `startAt`: the earliest one, so that work which ends exactly at
 * closing time ends then and not the next morning. No time at all ends at once.
 *
 * @throws AppError `calendar.beyond_horizon`
 */
export function addWorkingMs(time: WorkTime, startAt: number, durationMs: number): number {
  if (durationMs <= 0) return startAt
  let leftMs = durationMs
  for (const stretch of workingFrom(time, startAt)) {
    const fromAt = Math.max(stretch.startAt, startAt)
    if (stretch.endAt - fromAt >= leftMs) return fromAt + leftMs
    leftMs -= stretch.endAt - fromAt
  }
  throw beyondHorizon(time)
}

/** {@link addWorkingMs} in seconds. `elapsedWorking(time, startAt, addWorking(time, startAt, n)) === n`, exactly. */
export const addWorking = (time: WorkTime, startAt: number, workingSeconds: number): number =>
  addWorkingMs(time, startAt, workingSeconds * 1000)

/**
 * Working milliseconds in `[fromAt, toAt)`; none when the second is not after the first.
 *
 * @throws AppError `calendar.beyond_horizon`
 */
export function elapsedWorkingMs(time: WorkTime, fromAt: number, toAt: number): number {
  let elapsedMs = 0
  if (toAt <= fromAt) return elapsedMs
  if (toAt - fromAt > HORIZON_MS) throw beyondHorizon(time)
  for (const { startAt, endAt } of workingFrom(time, fromAt)) {
    if (startAt >= toAt) break
    elapsedMs += Math.min(endAt, toAt) - Math.max(startAt, fromAt)
  }
  return elapsedMs
}

/** Whole working seconds that have passed between two moments. */
export const elapsedWorking = (time: WorkTime, fromAt: number, toAt: number): number =>
  Math.floor(elapsedWorkingMs(time, fromAt, toAt) / 1000)

/** Opening time belongs to working time, closing time does not. */
export function isWorking(time: WorkTime, at: number): boolean {
  return nextWorking(time, at) === at
}

/** `at` itself when people work then, else the next opening. @throws AppError `calendar.beyond_horizon` */
export function nextWorking(time: WorkTime, at: number): number {
  for (const { startAt } of workingFrom(time, at)) return Math.max(startAt, at)
  throw beyondHorizon(time)
}
