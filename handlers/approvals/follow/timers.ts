import type { TimerEffect } from '../../../engine/calendar/index.ts'
import { followTimers as followRows } from '../../calendar/index.ts'
import type { CaseStep } from '../../kernel/case-subject.ts'
import type { Services } from '../../kernel/services.ts'
import { caseSubject } from '../card-id.ts'

/** A timer set again (a vote was taken back, another version counts differently) is another row; the earlier ones are void. */
const rowId = (timerId: string, revision: number): string => `${timerId}@${revision}`

const revisionOf = (id: string, timerId: string): number | null =>
  id.startsWith(`${timerId}@`) ? Number(id.slice(timerId.length + 1)) : null

/** Turn what a step says about time into rows. Whose working time counts are those who are asked there. */
export async function followTimers(services: Services, step: CaseStep): Promise<void> {
  const touched = step.effects.filter(effect => effect.type === 'timerSet' || effect.type === 'timerCancelled')
  if (touched.length === 0) return
  const subject = caseSubject(step.caseId)
  const rows = step.revision === 1 ? [] : await services.models.timers.ofSubject(subject)
  const waiting = rows.filter(row => row.state === 'waiting')
  const effects = touched.flatMap((effect): TimerEffect[] => {
    const { timerId } = effect
    const earlier = waiting.filter(row => (revisionOf(row._id, timerId) ?? step.revision) < step.revision)
    const cancelled = earlier.map(row => ({ type: 'timerCancelled' as const, timerId: row._id }))
    if (effect.type === 'timerCancelled') return cancelled
    // A moment on the clock is an anchor with no working time after it.
    const due = 'at' in effect ? { anchorAt: effect.at, workingSeconds: 0 } : effect
    const { taskId, rung } = effect
    const { anchorAt, workingSeconds } = due
    return [...cancelled, { type: 'timerSet', timerId: rowId(timerId, step.revision), taskId, rung, anchorAt, workingSeconds }]
  })
  const assigneesOf = (taskId: string) => step.after.openTasks.find(task => task.taskId === taskId)?.assigneeIds ?? []
  await followRows(services, { caseId: step.caseId, effects }, assigneesOf)
}
