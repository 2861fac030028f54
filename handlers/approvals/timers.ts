import { asAppError } from '../../common/errors.ts'
import { deriveId } from '../../common/ids.ts'
import type { Services } from '../kernel/services.ts'
import { act } from './act.ts'
import type { CaseTimer } from './follow/timers.ts'
import { BY_ITSELF, SYSTEM } from './system.ts'

/**
 * A timer of a case is due: the case looks again and does what this rung says. What has been decided meanwhile stays as it is; firing
 * twice is firing once.
 */
export async function fireTimer(services: Services, timer: Pick<CaseTimer, '_id' | 'params'>): Promise<void> {
  const { caseId, taskId, rung } = timer.params
  try {
    await act(services, {
      caseId,
      actorId: SYSTEM,
      commandId: deriveId('timer', timer._id),
      via: BY_ITSELF,
      event: { type: 'timeout', taskId, rung },
    })
  } catch (error) {
    const refused = asAppError(error)
    if (refused.status >= 500) throw error
    services.log.info({ code: refused.code, caseId, rung }, 'a timer came too late')
  }
}
