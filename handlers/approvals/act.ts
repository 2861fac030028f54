import { AppError, asAppError, NotFoundError } from '../../common/errors.ts'
import {
  type Accepted,
  type Need,
  type ProcessDefinition,
  type ProcessEvent,
  type ProcessState,
  readState,
  transition,
} from '../../engine/process/index.ts'
import { isDuplicateKey } from '../../models/kernel/mongo.ts'
import { type StepDoc, stepId } from '../../models/kernel/steps.ts'
import type { CaseStep } from '../kernel/case-subject.ts'
import type { Services } from '../kernel/services.ts'
import type { Organisation } from '../people/organisation.ts'
import type { Act } from './acting.ts'
import { definitionOf } from './definitions.ts'
import { followStep } from './follow/index.ts'
import { answerNeed } from './lookups.ts'
import { refusal } from './refusals.ts'

/** After so many rivals in a row something else is wrong. */
const MAX_ROUNDS = 50
/** The engine asks for everything at once, so a few rounds are enough. */
const MAX_QUESTIONS = 30

/** A step as it was stored, its state in today's shape. */
export const readStep = (stored: StepDoc): CaseStep => ({ ...(stored as CaseStep), after: readState(stored.after) })

/**
 * The committed state of a case.
 * @throws NotFoundError `approval.unknown_case`
 */
export async function readCase(services: Services, caseId: string): Promise<ProcessState> {
  const latest = await services.models.steps.latest(caseId)
  if (!latest) throw unknownCase()
  return readState(latest.after)
}

const unknownCase = () => new NotFoundError('approval.unknown_case', '没有找到这个审批,可能已被删除。')

/**
 * Decide, and commit the decision as one insert; then what follows from it. Of two rivals one gets a duplicate key, reads the committed
 * state and decides again; only what the engine refuses is refused. A known command id gives its first step.
 *
 * @throws AppError with the engine's refusal code (`approval.already_decided`, `approval.not_assignee`, …); nothing changed then
 */
export async function act(services: Services, input: Act): Promise<CaseStep> {
  return follow(services, await commit(services, input))
}

/** Only the decision, durable: its state and its log. What follows from it is left to `follow`, or to {@link followPending}. */
export async function commit(services: Services, input: Act): Promise<CaseStep> {
  const { steps } = services.models
  const quick = await commitQuickly(services, input)
  if (quick) return quick
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const latest = await steps.latest(input.caseId)
    // In this order: a command that is not known after the state was read is not in that state.
    const known = await steps.byCommand(input.commandId)
    if (known) return readStep(known)

    const step = await decide(services, input, latest && readState(latest.after))
    if (await inserted(services, step)) return step
  }
  throw new AppError('approval.too_busy', '同时操作的人太多,请稍后再试。', { status: 503 })
}

/**
 * Decide on the state that is at hand, else on the case's head, which is read together with others'. Both hardly ever lag. Where they do,
 * or the command was committed before, the insert meets a step that is there; a refusal may come of the lag. Null: look at the steps.
 */
async function commitQuickly(services: Services, input: Act): Promise<CaseStep | null> {
  try {
    const step = await decide(services, input, await likelyState(services, input))
    return (await inserted(services, step)) ? step : null
  } catch (error) {
    if (error instanceof AppError && error.status < 500) return null
    throw error
  }
}

async function likelyState({ models }: Services, { caseId, event }: Act): Promise<ProcessState | null> {
  if (event.type === 'submit') return null
  const atHand = models.steps.recent(caseId)
  if (atHand) return atHand.after as ProcessState
  const head = await models.cases.state(caseId)
  return head === undefined ? null : readState(head)
}

/** False: somebody was faster, or this command was committed before. */
async function inserted(services: Services, step: CaseStep): Promise<boolean> {
  try {
    await services.models.steps.insert(step)
    return true
  } catch (error) {
    if (isDuplicateKey(error)) return false
    throw error
  }
}

async function decide(services: Services, input: Act, state: ProcessState | null): Promise<CaseStep> {
  const organisation = await services.organisation.current()
  const definition = state ? await definitionOf(services, state) : input.definition
  if (!definition) throw unknownCase()
  const now = services.clock.now()
  const { event, target } = input
  const next = await decideNext(services, organisation, { definition, state, event, now, ...(target && { target }) })
  return {
    _id: stepId(input.caseId, next.state.revision),
    caseId: input.caseId,
    revision: next.state.revision,
    commandId: input.commandId,
    actorId: input.actorId,
    via: input.via,
    at: new Date(now),
    event: input.event,
    after: next.state,
    effects: next.effects,
    pending: true,
  }
}

interface Decision {
  definition: ProcessDefinition
  target?: ProcessDefinition
  state: ProcessState | null
  event: ProcessEvent
  /** Milliseconds. */
  now: number
}

/** Run the engine, fetch what it needs (people, earlier states of the case), run it again. */
async function decideNext(
  services: Services,
  organisation: Organisation,
  { definition, target, state, event, now }: Decision,
): Promise<Accepted> {
  const answers: Record<string, string[]> = {}
  const states: Record<number, ProcessState> = {}
  for (let round = 0; round < MAX_QUESTIONS; round += 1) {
    const result = transition(definition, state, event, { now, answers, states, ...(target && { target }) })
    if (result.kind === 'next') return result
    if (result.kind === 'refused') throw refusal(result, { organisation, services, definition })
    for (const need of result.needs) await answer(services, organisation, { state, now }, need, answers, states)
  }
  throw new Error('the process engine keeps asking')
}

async function answer(
  services: Services,
  organisation: Organisation,
  { state, now }: Pick<Decision, 'state' | 'now'>,
  need: Need,
  answers: Record<string, string[]>,
  states: Record<number, ProcessState>,
): Promise<void> {
  if (need.type !== 'state') {
    answers[need.key] = answerNeed(organisation, need, now)
    return
  }
  const step = state && (await services.models.steps.at(state.caseId, need.revision))
  if (!step) throw new NotFoundError('approval.unknown_case', '没有找到这个审批较早的状态,无法撤销。')
  states[need.revision] = readState(step.after)
}

async function follow(services: Services, step: CaseStep): Promise<CaseStep> {
  if (step.pending) await followStep(services, step, act)
  return step
}

/** Follow steps that a crash left without their consequences. Returns how many. */
export async function followPending(services: Services, before: Date): Promise<number> {
  const pending = await services.models.steps.pending(before, 100)
  for (const step of pending) {
    await services.models.steps.attempted(step._id)
    try {
      await followStep(services, readStep(step), act)
    } catch (error) {
      // One that cannot be followed must not hold up the others.
      services.log.error({ code: 'approval.not_followed', stepId: step._id, err: String(error) }, 'a step could not be followed')
      const { code, message } = asAppError(error)
      await services.models.steps.notFollowed(step._id, { code, message })
    }
  }
  return pending.length
}
