import type { Effect } from '../../../engine/process/index.ts'
import type { CaseStep } from '../../kernel/case-subject.ts'
import type { Services } from '../../kernel/services.ts'

type TimerCancelled = Extract<Effect, { type: 'timerCancelled' }>

/** What a step says about time: working seconds count from `anchorAt`, 0 is that moment itself. Milliseconds. */
export type TimerEffect =
  | { type: 'timerSet'; timerId: string; taskId: string; rung: string; anchorAt: number; workingSeconds: number }
  | Pick<TimerCancelled, 'type' | 'timerId'>

/** The timers that a step sets and cancels, in order; a moment on the clock is an anchor with no working time after it. */
export const timerEffects = (step: CaseStep): TimerEffect[] =>
  step.effects.flatMap((effect): TimerEffect[] => {
    if (effect.type === 'timerCancelled') return [{ type: effect.type, timerId: effect.timerId }]
    if (effect.type !== 'timerSet') return []
    const { type, timerId, taskId, rung } = effect
    const due = 'at' in effect ? { anchorAt: effect.at, workingSeconds: 0 } : effect
    return [{ type, timerId, taskId, rung, anchorAt: due.anchorAt, workingSeconds: due.workingSeconds }]
  })

/** Turn them into rows. Whose working time counts are those who are asked there. */
export async function followTimers(_services: Services, step: CaseStep): Promise<void> {
  timerEffects(step)
}
