import { AppError, asAppError } from '../../../common/errors.ts'
import { deriveId } from '../../../common/ids.ts'
import type { Effect } from '../../../engine/process/index.ts'
import type { CaseStep } from '../../kernel/case-subject.ts'
import type { Services } from '../../kernel/services.ts'
import type { Acting } from '../acting.ts'
import { publishedDefinition } from '../definitions.ts'
import { BY_ITSELF, SYSTEM } from '../system.ts'
import { ignoreRefusal } from './commands.ts'

type Requested = Extract<Effect, { type: 'childRequested' }>
type Finalised = Extract<Effect, { type: 'finalised' }>

const CHILD = /^(.+)-(\d+)-child$/
/** Processes that ask for processes stop at this depth. */
const MAX_DEPTH = 8

const depthOf = (caseId: string): number => caseId.split('-child').length - 1

/** Submit the case that a sub-process node asks for. When that is refused the parent hears why. */
export async function beginChild(services: Services, step: CaseStep, effect: Requested, act: Acting): Promise<void> {
  const { childCaseId: caseId, process, form } = effect
  const { submitterId } = step.after
  const commandId = deriveId('child', effect.id)
  try {
    if (depthOf(caseId) > MAX_DEPTH) throw new AppError('approval.too_deep', '子流程层数太多。')
    const definition = await publishedDefinition(services, process)
    if (!definition) throw new AppError('approval.unknown_process', `没有「${process}」这个流程。`)
    const full = await services.caseSubjects.get(process).begin(services, { caseId, definition, form, submitterId, commandId })
    await act(services, {
      caseId,
      actorId: submitterId,
      commandId,
      via: BY_ITSELF,
      definition,
      event: { type: 'submit', caseId, by: submitterId, via: BY_ITSELF, form: full },
    })
  } catch (error) {
    const refused = asAppError(error)
    if (refused.status >= 500) throw error
    services.log.warn({ code: refused.code, caseId: step.caseId, process }, 'a sub-process was not begun')
    await tellParent(services, step, { caseId, outcome: 'refused', why: refused.message.slice(0, 500), effectId: effect.id }, act)
  }
}

/** The parent ended without its child: withdraw it. */
export async function cancelChild(services: Services, step: CaseStep, childCaseId: string, act: Acting): Promise<void> {
  const { submitterId } = step.after
  await act(services, {
    caseId: childCaseId,
    actorId: submitterId,
    commandId: deriveId('childCancelled', step._id, childCaseId),
    via: BY_ITSELF,
    event: { type: 'withdraw', by: submitterId, via: BY_ITSELF },
  }).catch(ignoreRefusal(services, step))
}

/** A case that another one waits for has ended. */
export async function tellParentOf(services: Services, step: CaseStep, effect: Finalised, act: Acting): Promise<void> {
  if (!CHILD.test(step.caseId)) return
  await tellParent(services, step, { caseId: step.caseId, outcome: effect.outcome, effectId: effect.id }, act)
}

async function tellParent(
  services: Services,
  step: CaseStep,
  child: { caseId: string; outcome: Finalised['outcome'] | 'refused'; why?: string; effectId: string },
  act: Acting,
): Promise<void> {
  const [, parentId = '', entry = ''] = CHILD.exec(child.caseId) ?? []
  await act(services, {
    caseId: parentId,
    actorId: SYSTEM,
    commandId: deriveId('childFinished', child.effectId),
    via: BY_ITSELF,
    event: {
      type: 'childFinished',
      entryId: `${parentId}-${entry}`,
      childCaseId: child.caseId,
      outcome: child.outcome,
      ...(child.why && { why: child.why }),
    },
  }).catch(ignoreRefusal(services, step))
}
