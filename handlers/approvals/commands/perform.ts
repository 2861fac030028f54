import type { ApprovalResult } from '../../../common/contract/approvals.ts'
import { InvalidError, NotFoundError } from '../../../common/errors.ts'
import type { ProcessDefinition, ProcessEvent, ProcessForm, ProcessState } from '../../../engine/process/index.ts'
import type { PersonDoc } from '../../../models/people/index.ts'
import { CASE_STATUS, type CaseStep } from '../../kernel/case-subject.ts'
import type { CommandContext, CommandOutcome } from '../../kernel/command.ts'
import type { Organisation } from '../../people/organisation.ts'
import { act, readCase } from '../act.ts'
import { definitionOf, factsOf } from '../definitions.ts'
import { CARRIED_FIELDS, readFields } from '../fields.ts'
import { nextWords } from '../next-words.ts'

type Without<Event, Key extends PropertyKey> = Event extends unknown ? Omit<Event, Key> : never
/** What somebody does to a case; who and through which channel is added. */
export type Verb = Without<ProcessEvent, 'by' | 'via'>

/** Commit an event of this actor. */
export const actAs = (context: CommandContext, caseId: string, event: Verb, commandId = context.commandId): Promise<CaseStep> =>
  act(context.services, {
    caseId,
    actorId: context.actor.personId,
    commandId,
    via: context.via,
    event: { ...event, by: context.actor.personId, via: context.via } as ProcessEvent,
  })

/** `HT-2026-0041 专线扩容` */
export async function labelOf(context: CommandContext, state: ProcessState): Promise<string> {
  const organisation = await context.services.organisation.current()
  const { number, title } = factsOf(context.services, organisation, await definitionOf(context.services, state), state)
  return `${number} ${title}`
}

export const resultOf = (step: CaseStep, message: string): CommandOutcome<ApprovalResult> => ({
  result: { caseId: step.caseId, status: CASE_STATUS[step.after.status], message },
  subject: `case:${step.caseId}`,
})

/**
 * Act, and say what was done to what and what comes next.
 * @param say the sentence, given `HT-2026-0041 专线扩容`
 */
export async function perform(
  context: CommandContext,
  caseId: string,
  event: Verb,
  say: (label: string, step: CaseStep) => string,
): Promise<CommandOutcome<ApprovalResult>> {
  const step = await actAs(context, caseId, event)
  const organisation = await context.services.organisation.current()
  return resultOf(step, `${say(await labelOf(context, step.after), step)}${nextWords(step.after, organisation)}`)
}

/**
 * A colleague who is there.
 * @throws NotFoundError `person.unknown`, InvalidError `person.inactive`
 */
export function requireColleague(organisation: Organisation, personId: string): PersonDoc {
  const person = organisation.person(personId)
  if (!person) throw new NotFoundError('person.unknown', '没有找到这位同事。')
  if (!person.active) throw new InvalidError('person.inactive', `${person.name} 已不在岗,请选择其他同事。`)
  return person
}

/** What was typed into fields of the case's form, as the engine keeps it. */
export async function readEdits(
  { services, now }: CommandContext,
  caseId: string,
  raw: Readonly<Record<string, unknown>> | undefined,
): Promise<{ edits?: ProcessForm }> {
  if (!raw || Object.keys(raw).length === 0) return {}
  const carried = Object.keys(raw).find(name => CARRIED_FIELDS.has(name))
  if (carried)
    throw new InvalidError('approval.field_not_editable', '客户不能在审批中修改。', { fields: { [carried]: '不能修改' } })
  const definition: ProcessDefinition = await definitionOf(services, await readCase(services, caseId))
  const organisation = await services.organisation.current()
  return { edits: readFields(definition, raw, { organisation, time: services.time, now }) }
}
