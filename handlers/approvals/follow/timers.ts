import type { CaseStep } from '../../kernel/case-subject.ts'
import type { Services } from '../../kernel/services.ts'
import { caseSubject } from '../card-id.ts'

/** What a timer of a case carries. Working seconds count from `anchorAt`; 0 is that moment itself. */
export interface CaseTimer {
  _id: string
  kind: 'case'
  /** `case:<id>` */
  subject: string
  params: { caseId: string; taskId: string; rung: string }
  anchorAt: Date
  workingSeconds: number
}

/** The timers that a step sets, and those that it cancels. */
export function timersOf(step: CaseStep): { set: CaseTimer[]; cancelIds: string[] } {
  const set: CaseTimer[] = []
  const cancelIds: string[] = []
  for (const effect of step.effects) {
    if (effect.type === 'timerCancelled') cancelIds.push(effect.timerId)
    if (effect.type !== 'timerSet') continue
    const { timerId: _id, taskId, rung } = effect
    set.push({
      _id,
      kind: 'case',
      subject: caseSubject(step.caseId),
      params: { caseId: step.caseId, taskId, rung },
      ...('at' in effect
        ? { anchorAt: new Date(effect.at), workingSeconds: 0 }
        : { anchorAt: new Date(effect.anchorAt), workingSeconds: effect.workingSeconds }),
    })
  }
  return { set, cancelIds }
}

/** Turn them into rows. */
export async function followTimers(_services: Services, step: CaseStep): Promise<void> {
  timersOf(step)
}
