import { AppError, NotFoundError } from '../../common/errors.ts'
import type { Viewer } from '../../engine/policy/index.ts'
import { type ProcessDefinition, type ProcessEvent, transition } from '../../engine/process/index.ts'
import { isDuplicateKey } from '../../models/kernel/mongo.ts'
import { stepId } from '../../models/kernel/steps.ts'
import type { CaseStep } from '../kernel/case-subject.ts'
import type { Services } from '../kernel/services.ts'
import { definitionOf } from './definitions.ts'
import { followStep } from './follow.ts'
import { withAnswers } from './lookups.ts'
import { refusal } from './refusals.ts'

export interface Act {
  caseId: string
  event: ProcessEvent
  actor: Viewer
  commandId: string
  via: string
  /** For a case that begins. */
  definition?: ProcessDefinition
}

/** After so many rivals in a row something else is wrong. */
const MAX_ROUNDS = 50

/**
 * Decide on the committed state and commit the decision as one insert. Of two rivals one gets a duplicate key, reloads and decides
 * again; only what the engine refuses is refused. A known command id gives its first step.
 *
 * @throws AppError with the engine's refusal code (`approval.already_decided`, `approval.not_assignee`, …); nothing changed then
 */
export async function act(services: Services, input: Act): Promise<CaseStep> {
  const { steps } = services.models
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const known = (await steps.byCommand(input.commandId)) as CaseStep | null
    if (known) return follow(services, known)

    const step = await decide(services, input)
    try {
      await steps.insert(step)
      return await follow(services, step)
    } catch (error) {
      if (!isDuplicateKey(error)) throw error
    }
  }
  throw new AppError('approval.too_busy', '同时操作的人太多,请稍后再试。', { status: 503 })
}

async function decide(services: Services, input: Act): Promise<CaseStep> {
  const organisation = await services.organisation.current()
  const latest = (await services.models.steps.latest(input.caseId)) as CaseStep | null
  const definition = latest ? definitionOf(services, latest.after) : input.definition
  if (!definition) throw new NotFoundError('approval.unknown_case', '没有找到这个审批,可能已被删除。')
  const now = services.clock.now()
  const result = withAnswers(organisation, answers =>
    transition(definition, latest?.after ?? null, input.event, { now, answers }),
  )
  if (result.kind === 'refused') throw refusal(result, organisation, services)
  const { state, effects } = result
  return {
    _id: stepId(input.caseId, state.revision),
    caseId: input.caseId,
    revision: state.revision,
    commandId: input.commandId,
    actorId: input.actor.personId,
    via: input.via,
    at: new Date(now),
    event: input.event,
    after: state,
    effects,
    pending: true,
  }
}

async function follow(services: Services, step: CaseStep): Promise<CaseStep> {
  if (step.pending) await followStep(services, step)
  return step
}

/** Follow steps that a crash left without their consequences. Returns how many. */
export async function followPending(services: Services, before: Date): Promise<number> {
  const pending = (await services.models.steps.pending(before, 100)) as CaseStep[]
  for (const step of pending) await followStep(services, step)
  return pending.length
}
