import { z } from 'zod'
import { deriveId } from '../../common/ids.ts'
import { formatYuan, formatYuanShort, toUpperYuan } from '../../common/money.ts'
import type { ProcessDefinition, ProcessState } from '../../engine/process/index.ts'
import { showField } from '../approvals/index.ts'
import { CASE_STATUS, type CaseFacts, type CaseStep, type CaseSubject } from '../kernel/case-subject.ts'
import { routes } from '../kernel/links.ts'
import type { Services } from '../kernel/services.ts'
import { draftSubject } from '../talk/drafts.ts'
import { CUSTOMER_FIELD } from './form.ts'
import { prefixOf } from './templates.ts'

/** What the case of any request carries beside the fields of its process. */
const carried = z.looseObject({
  requestId: z.string(),
  number: z.string(),
  title: z.string().nullish(),
  customerId: z.string().optional(),
  customerName: z.string().nullish(),
  attachmentIds: z.array(z.string()).default([]),
  draftId: z.string().optional(),
})

type FieldType = ProcessDefinition['fields'][string]

/** Fields that lists and headings show by themselves. */
const HEADING = new Set(['title', CUSTOMER_FIELD])

/** Amounts first: they decide most often. */
const rank = (field: FieldType): number => (field.type === 'money' ? 0 : field.type === 'enum' ? 1 : 2)

function factsOf(state: ProcessState, definition: ProcessDefinition, nameOf: (id: string) => string): CaseFacts {
  const form = carried.parse(state.form)
  const fields = Object.entries(definition.fields)
    .filter(([name]) => !HEADING.has(name))
    .sort(([, a], [, b]) => rank(a) - rank(b))
  const facts = fields.flatMap(([name, field]) => {
    const stored = state.form[name]
    const value = showField(field, stored, nameOf)
    if (value === undefined) return []
    if (field.type !== 'money') return [{ label: field.label, value, field: name }]
    const minor = Number(stored)
    const note = minor > 0 && { note: toUpperYuan(minor) }
    return [{ label: field.label, value: formatYuanShort(minor), ...note, field: name }]
  })
  const money = fields.find(([name, field]) => field.type === 'money' && typeof state.form[name] === 'number')
  return {
    kind: definition.name,
    number: form.number,
    title: form.title || definition.name,
    ...(form.customerId && { customerId: form.customerId }),
    ...(form.customerName && { customerName: form.customerName }),
    facts,
    ...(money && { keyFact: { field: money[0], value: `${formatYuan(Number(state.form[money[0]]))} 元` } }),
    record: `request:${form.requestId}`,
    attachmentIds: form.attachmentIds,
  }
}

/** Any process whose form is all there is to it. */
export const requestCase: CaseSubject = {
  facts: factsOf,

  async begin({ models, time, clock }, { definition, form, commandId }) {
    const number = await models.reservations.nextNumber(`${prefixOf(definition.key)}-${time.year(clock.now())}`, commandId)
    return { ...form, requestId: deriveId(commandId, 'request'), number }
  },

  async follow(services, step, participantIds) {
    const { models } = services
    const state = step.after
    const definition = (await models.processes.version(state.definition.key, state.definition.version))
      ?.definition as ProcessDefinition
    const form = carried.parse(state.form)
    const facts = factsOf(state, definition, id => id)
    await models.requests.follow({
      _id: form.requestId,
      number: form.number,
      processKey: definition.key,
      kind: definition.name,
      title: facts.title,
      ...(form.customerId && { customerId: form.customerId }),
      form: state.form,
      attachmentIds: form.attachmentIds,
      status: CASE_STATUS[state.status],
      caseId: state.caseId,
      revision: state.revision,
      ownerId: state.submitterId,
      submittedAt: new Date(state.submittedAt),
      participantIds,
      ...(state.finishedAt !== undefined && { finishedAt: new Date(state.finishedAt) }),
    })
    if (step.event.type === 'submit') await begun(services, step, facts, form.draftId)
    if (step.effects.some(effect => effect.type === 'finalised')) {
      await tell(services, step, facts, `${facts.kind} ${facts.number} ${CASE_STATUS[state.status]}`)
    }
  },
}

async function begun(services: Services, step: CaseStep, facts: CaseFacts, draftId: string | undefined): Promise<void> {
  const { models, time } = services
  if (facts.customerId) await models.customers.touch(facts.customerId, step.at)
  await tell(services, step, facts, `提交${facts.kind} ${facts.number} ${facts.title}`)
  if (!draftId) return
  const at = step.at.getTime()
  await models.talk.finish(draftId, step.commandId, {
    number: facts.number,
    id: step.caseId,
    note: `已提交审批 · ${time.stamp(at, at)}`,
    at: step.at,
  })
  await models.cards.touch(draftSubject(draftId), step.at)
}

async function tell(services: Services, step: CaseStep, facts: CaseFacts, title: string): Promise<void> {
  if (!facts.customerId) return
  await services.models.timeline.add({
    _id: deriveId('timeline', step._id),
    customerId: facts.customerId,
    at: step.at,
    type: 'request',
    title,
    byId: step.after.submitterId,
    to: routes.approval(step.caseId),
  })
}
