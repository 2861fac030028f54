import { asAppError } from '../../common/errors.ts'
import { deriveId } from '../../common/ids.ts'
import type { Services } from '../kernel/services.ts'
import { act } from './act.ts'
import { BY_ITSELF } from './system.ts'

const BATCH = 100

/**
 * Somebody's standing delegation began or ended: every open case that waits, or will wait, for them asks anew. Repeatable.
 *
 * @param change what happened; the ids of what it does derive from it
 */
export async function askStandIns(
  services: Services,
  { personId, byId, change }: { personId: string; byId: string; change: string },
): Promise<void> {
  services.organisation.forget()
  let last: string | undefined
  for (;;) {
    const rows = await services.models.cases.seating(personId, BATCH, last)
    for (const { _id: caseId } of rows) {
      try {
        await act(services, {
          caseId,
          actorId: byId,
          commandId: deriveId('delegate', change, caseId),
          via: BY_ITSELF,
          event: { type: 'delegate', by: byId, via: BY_ITSELF },
        })
      } catch (error) {
        const refused = asAppError(error)
        if (refused.status >= 500) throw error
        services.log.info({ code: refused.code, caseId }, 'a delegation changed nothing for a case')
      }
    }
    if (rows.length < BATCH) return
    last = rows.at(-1)?._id
  }
}
