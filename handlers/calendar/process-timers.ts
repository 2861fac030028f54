import { AppError } from '../../common/errors.ts'
import { deriveId } from '../../common/ids.ts'
import type { TimeoutEvent, TimerEffect } from '../../engine/calendar/index.ts'
import type { Services } from '../kernel/services.ts'
import type { TimerKind } from '../kernel/timer-kind.ts'
import { cancelTimers, setTimers } from './timers.ts'

const KIND = 'process'

interface Timeout {
  caseId: string
  event: TimeoutEvent
  /** The same however often the timer fires. */
  commandId: string
}

const isTimerEffect = (effect: { type: string }): effect is TimerEffect =>
  effect.type === 'timerSet' || effect.type === 'timerCancelled'

/**
 * Turn what a committed step says about time into rows. Repeatable: ids come from the step.
 *
 * @param assigneesOf whose working time counts for a task
 */
export async function followTimers(
  services: Services,
  step: { caseId: string; effects: readonly { type: string }[] },
  assigneesOf: (taskId: string) => readonly string[],
): Promise<void> {
  const effects = step.effects.filter(isTimerEffect)
  const cancelled = effects.flatMap(effect => (effect.type === 'timerCancelled' ? [effect.timerId] : []))
  if (cancelled.length > 0) await cancelTimers(services, cancelled)
  await setTimers(
    services,
    effects.flatMap(effect =>
      effect.type === 'timerSet'
        ? [
            {
              id: effect.timerId,
              kind: KIND,
              subject: `case:${step.caseId}`,
              params: { caseId: step.caseId, taskId: effect.taskId, rung: effect.rung },
              anchorAt: effect.anchorAt,
              workingSeconds: effect.workingSeconds,
              personIds: assigneesOf(effect.taskId),
            },
          ]
        : [],
    ),
  )
}

/**
 * The kind of timers that processes set.
 *
 * @param raise commits the event through the command path; what it refuses (the task is over, somebody else was faster) is no failure
 */
export const processTimers = (raise: (services: Services, timeout: Timeout) => Promise<unknown>): TimerKind => ({
  name: KIND,
  async fire(services, timer) {
    const { caseId = '', taskId = '', rung = '' } = timer.params
    const event: TimeoutEvent = { type: 'timeout', taskId, rung }
    try {
      await raise(services, { caseId, event, commandId: deriveId('timer', timer._id) })
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error
      services.log.info({ code: error.code, timerId: timer._id }, 'a timer came too late')
    }
  },
})
