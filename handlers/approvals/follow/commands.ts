import { AppError, asAppError } from '../../../common/errors.ts'
import { deriveId } from '../../../common/ids.ts'
import type { Effect } from '../../../engine/process/index.ts'
import type { CaseStep } from '../../kernel/case-subject.ts'
import { execute } from '../../kernel/execute.ts'
import type { Services } from '../../kernel/services.ts'
import type { Acting } from '../acting.ts'
import { BY_ITSELF, SYSTEM } from '../system.ts'

type Requested = Extract<Effect, { type: 'serviceRequested' }>

/** After so many attempts the failure is the case's: it stops visibly. */
const MAX_ATTEMPTS = 5

/**
 * Run the command that a service node names, in the submitter's name and with the submitter's rights, under an id that follows from the
 * effect; then tell the case how it went. False when it is to be tried again later.
 */
export async function runRequested(services: Services, step: CaseStep, effect: Requested, act: Acting): Promise<boolean> {
  let refused: AppError | null = null
  try {
    await run(services, step, effect)
  } catch (error) {
    refused = asAppError(error)
    services.log.warn({ code: refused.code, caseId: step.caseId, command: effect.command }, 'a command of a process was refused')
    if (refused.status >= 500 && (step.attempts ?? 0) < MAX_ATTEMPTS) return false
  }
  await act(services, {
    caseId: step.caseId,
    actorId: SYSTEM,
    commandId: deriveId('serviceFinished', effect.id),
    via: BY_ITSELF,
    event: {
      type: 'serviceFinished',
      entryId: effect.entryId,
      ok: refused === null,
      ...(refused && { why: refused.message.slice(0, 500) }),
    },
  }).catch(ignoreRefusal(services, step))
  return true
}

async function run(services: Services, step: CaseStep, effect: Requested): Promise<void> {
  const command = services.caseSubjects.commands.get(effect.command)
  if (!command) throw new AppError('approval.unknown_command', `没有「${effect.command}」这个操作。`)
  const organisation = await services.organisation.current()
  await execute(services, command, effect.input, {
    actor: organisation.viewer(step.after.submitterId),
    commandId: deriveId('service', effect.id),
    via: BY_ITSELF,
    surface: command.surfaces.find(surface => surface !== 'admin') ?? 'h5',
  })
}

/** The case has moved on meanwhile: what came too late changes nothing. */
export const ignoreRefusal = (services: Services, step: CaseStep) => (error: unknown) => {
  const refused = asAppError(error)
  if (refused.status >= 500) throw error
  services.log.info({ code: refused.code, caseId: step.caseId }, 'a case had moved on')
}
