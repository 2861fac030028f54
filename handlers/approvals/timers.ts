import type { CaseStep } from '../kernel/case-subject.ts'
import type { Services } from '../kernel/services.ts'
import { act } from './act.ts'
import { BY_ITSELF, SYSTEM } from './system.ts'

interface Timeout {
  caseId: string
  event: { taskId: string; rung: string }
  /** The same however often the timer fires. */
  commandId: string
}

/**
 * A timer of a case is due: the case looks again and does what this rung says.
 *
 * @throws AppError what the engine refuses: `approval.timer_stale` when the task is over or the rung has fired
 */
export const raiseTimeout = (services: Services, { caseId, event, commandId }: Timeout): Promise<CaseStep> =>
  act(services, {
    caseId,
    actorId: SYSTEM,
    commandId,
    via: BY_ITSELF,
    event: { type: 'timeout', taskId: event.taskId, rung: event.rung },
  })
