import type { TimerEffect } from '../../../engine/calendar/index.ts'
import { readState, runningTimers } from '../../../engine/process/index.ts'
import { followTimers as followRows } from '../../calendar/index.ts'
import type { CaseStep } from '../../kernel/case-subject.ts'
import type { Services } from '../../kernel/services.ts'
import { caseSubject } from '../card-id.ts'
import { definitionOf } from '../definitions.ts'

/** A timer set again (a vote was taken back, another version counts differently) is another row; the earlier ones are void. */
const rowId = (timerId: string, revision: number): string => `${timerId}@${revision}`

/** `<timer>@<revision>`, taken apart. */
function partsOf(id: string): { timerId: string; revision: number } {
  const at = id.lastIndexOf('@')
  return { timerId: id.slice(0, at), revision: Number(id.slice(at + 1)) }
}

/**
 * Turn what a step says about time into rows. Whose working time counts are those who are asked there. Called after the head was written:
 * of two steps that are followed at the same moment, the later one sees the rows of the earlier one, or the earlier one sees its head.
 */
export async function followTimers(services: Services, step: CaseStep): Promise<void> {
  const { timers } = services.models
  const touched = step.effects.filter(effect => effect.type === 'timerSet' || effect.type === 'timerCancelled')
  if (touched.length === 0) return
  const effects = touched.flatMap((effect): TimerEffect[] => {
    if (effect.type === 'timerCancelled') return []
    // A moment on the clock is an anchor with no working time after it.
    const due = 'at' in effect ? { anchorAt: effect.at, workingSeconds: 0 } : effect
    const { timerId, taskId, rung } = effect
    const { anchorAt, workingSeconds } = due
    return [{ type: 'timerSet', timerId: rowId(timerId, step.revision), taskId, rung, anchorAt, workingSeconds }]
  })
  const ids = new Set(touched.map(({ timerId }) => timerId))
  const isVoid = (id: string): boolean => ids.has(partsOf(id).timerId) && partsOf(id).revision < step.revision
  const waiting = step.revision === 1 ? [] : await timers.waiting(caseSubject(step.caseId))
  const assigneesOf = (taskId: string) => step.after.openTasks.find(task => task.taskId === taskId)?.assigneeIds ?? []
  await Promise.all([
    timers.stop(waiting.filter(isVoid), new Date(services.clock.now())),
    followRows(services, { caseId: step.caseId, effects }, assigneesOf),
  ])
  if (effects.length > 0) await stopOvertaken(services, step)
}

/** The case went on while this step was followed: of its timers only those that still run may wait, each once. */
async function stopOvertaken(services: Services, step: CaseStep): Promise<void> {
  const { cases, timers } = services.models
  const stored = await cases.state(step.caseId)
  const state = stored === undefined ? step.after : readState(stored)
  if (state.revision <= step.revision) return
  const running = new Set(runningTimers(await definitionOf(services, state), state).map(({ timerId }) => timerId))
  const waiting = await timers.waiting(caseSubject(step.caseId))
  const isOver = (id: string): boolean => {
    const { timerId, revision } = partsOf(id)
    return !running.has(timerId) || waiting.map(partsOf).some(other => other.timerId === timerId && other.revision > revision)
  }
  const own = waiting.filter(id => partsOf(id).revision === step.revision)
  await timers.stop(own.filter(isOver), new Date(services.clock.now()))
}
