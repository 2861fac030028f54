import { z } from 'zod'
import { type Fault, faultPath } from '../fault.ts'

/** The rungs of the ladder, in the order in which they are climbed; each fires once. */
export const RUNGS = ['warn', 'overdue', 'superior', 'transfer', 'admin'] as const

export type Rung = (typeof RUNGS)[number]

/**
 * Where each rung stands unless a step says otherwise, in percent of its time limit: the people asked are warned, then told that it is
 * overdue; then their superior hears, gets the task, and at last the admin hears.
 */
export const DEFAULT_RUNG_PERCENT: Readonly<Record<Rung, number>> = {
  warn: 80,
  overdue: 100,
  superior: 150,
  transfer: 200,
  admin: 300,
}

/** Percent of the time limit; null leaves the rung out. */
const percent = z.int().min(1).max(10_000).nullable().optional()

/** How long a step may take, in working time, and what happens on the way. */
export const timeLimit = z.strictObject({
  workingSeconds: z
    .int()
    .min(1)
    .max(400 * 24 * 3600),
  rungs: z.strictObject({ warn: percent, overdue: percent, superior: percent, transfer: percent, admin: percent }).optional(),
})

export type TimeLimit = z.infer<typeof timeLimit>

/** One rung and how much working time after the start it fires. */
export interface LadderStep {
  rung: Rung
  workingSeconds: number
}

const percentOf = ({ rungs }: TimeLimit, rung: Rung): number | null => {
  const own = rungs?.[rung]
  return own === undefined ? DEFAULT_RUNG_PERCENT[rung] : own
}

/**
 * When each rung fires. A limit of 60:00 is kept at 60:00: whatever stands at or beyond it fires one second later, at 60:01, while a
 * warning fires when its share is used up.
 */
export function ladderOf(limit: TimeLimit): LadderStep[] {
  return RUNGS.flatMap(rung => {
    const share = percentOf(limit, rung)
    if (share === null) return []
    const reached = Math.max(1, Math.floor((limit.workingSeconds * share) / 100))
    return [{ rung, workingSeconds: reached >= limit.workingSeconds ? reached + 1 : reached }]
  }).sort((a, b) => a.workingSeconds - b.workingSeconds)
}

/** Faults of a limit that parses: a rung may not stand below the one before it. Code `ladder.wrong_order`. */
export function checkTimeLimit(limit: TimeLimit, path = ''): Fault[] {
  let highest = 0
  return RUNGS.flatMap(rung => {
    const share = percentOf(limit, rung)
    if (share === null) return []
    const isLower = share < highest
    highest = Math.max(highest, share)
    return isLower
      ? [{ path: faultPath(path, 'rungs', rung), code: 'ladder.wrong_order', message: '提醒的先后次序不对:后一级不能早于前一级' }]
      : []
  })
}

/** C21: a supervisor reviews a complaint within one working hour; at 60:00 nothing, at 60:01 the superior hears. */
export const SUPERVISOR_REVIEW_LIMIT: TimeLimit = { workingSeconds: 3600, rungs: { superior: 100 } }
