import type { RequestSubmitted } from '../../common/contract/requests.ts'
import { initiatorChoices, type ProcessDefinition } from '../../engine/process/index.ts'
import { expectedRoute, readField, showField } from '../approvals/index.ts'
import { routes } from '../kernel/links.ts'
import type { Services } from '../kernel/services.ts'
import type { Organisation } from '../people/organisation.ts'
import { attachedWords, readAttachments } from '../talk/attachments.ts'
import type { DraftField, DraftKind } from '../talk/draft-kinds.ts'
import { startFields } from './form.ts'
import { requestForm, submitRequest } from './submit.ts'

type Values = Readonly<Record<string, string>>

/** Under these a draft keeps what is no field of the form; no field can be called so. */
const KEY = '_key'
const CHOICE = '_choice_'

/** What a new draft of this process begins with. */
export const draftValues = (key: string, customer?: { _id: string; name: string }): Record<string, string> => ({
  [KEY]: key,
  ...(customer && { customerId: customer._id, customerName: customer.name }),
})

export const draftKey = (values: Values): string => values[KEY] ?? ''

const EXAMPLES: Partial<Record<ProcessDefinition['fields'][string]['type'], string>> = {
  money: '例如:62万。',
  number: '例如:12。',
  date: '例如:2026-11-30。',
  person: '请回复同事姓名。',
  personList: '请回复同事姓名,多人用顿号隔开。',
  boolean: '请回复:是 或 否。',
}

/** A request being entered in the chat, field by field as its process wants them. */
export function requestDraft(services: Services, organisation: Organisation, definition: ProcessDefinition): DraftKind {
  const fields = startFields(definition)
  const choosers = initiatorChoices(definition)
  const nameOf = (id: string) => organisation.name(id)
  const reading = () => ({ organisation, time: services.time, now: services.clock.now() })

  const asked: DraftField[] = fields.map(([name, field]) => ({
    name,
    label: field.label,
    required: definition.required.includes(name),
    question: `${field.label}是什么?${field.options ? `请回复:${field.options.map(({ label }) => label).join('、')}。` : (EXAMPLES[field.type] ?? '')}`,
    read(text) {
      const answer = readField(field, text, reading())
      if (!answer.ok) return answer
      const isPerson = field.type === 'person' || field.type === 'personList'
      const value = isPerson ? [answer.value].flat().join(',') : showField(field, answer.value, nameOf)
      return value ? { ok: true, value } : { ok: false, message: `请告诉我${field.label}。` }
    },
  }))
  const chosen: DraftField[] = choosers.map(({ id, name }) => ({
    name: `${CHOICE}${id}`,
    label: name,
    required: true,
    question: `${name}由谁处理?请回复同事姓名。`,
    read(text) {
      const answer = readField({ type: 'personList', label: name }, text, reading())
      return answer.ok ? { ok: true, value: [answer.value].flat().join(',') } : answer
    },
  }))
  const formOf = (values: Values) => Object.fromEntries(fields.flatMap(([name]) => (values[name] ? [[name, values[name]]] : [])))
  const choicesOf = (values: Values) =>
    Object.fromEntries(choosers.map(({ id }) => [id, (values[`${CHOICE}${id}`] ?? '').split(',').filter(Boolean)] as const))

  return {
    kind: 'request',
    title: definition.name,
    noun: definition.name,
    command: submitRequest,
    takesFiles: true,
    fields: [...asked, ...chosen],
    heading: values => [values.customerName, values.title ?? definition.name].filter(Boolean).join(' · '),
    facts: values => [
      ...fields.flatMap(([name, field]) => {
        const value = values[name]
        if (!value || name === 'title') return []
        const isPerson = field.type === 'person' || field.type === 'personList'
        return [{ label: field.label, value: isPerson ? value.split(',').map(nameOf).join('、') : value }]
      }),
      ...(values.customerName ? [{ label: '客户', value: values.customerName }] : []),
      ...(values.attachments ? [{ label: '附件', value: attachedWords(values.attachments) }] : []),
      ...choosers.flatMap(({ id, name }) => {
        const ids = values[`${CHOICE}${id}`]
        return ids ? [{ label: name, value: ids.split(',').map(nameOf).join('、') }] : []
      }),
    ],
    route: draft => routes.newRequest(definition.key, draft._id),
    resultRoute: draft => routes.approval(draft.outcome?.id ?? ''),
    toInput: ({ _id, values }) => ({
      key: definition.key,
      form: formOf(values),
      ...(values.customerId && { customerId: values.customerId }),
      ...(choosers.length > 0 && { choices: choicesOf(values) }),
      attachmentIds: readAttachments(values.attachments).map(({ id }) => id),
      draftId: _id,
    }),
    async check(_services, viewer, values) {
      const form = await requestForm(services, viewer, definition, { form: formOf(values), customerId: values.customerId })
      const { steps, stop } = await expectedRoute(services, definition, {
        by: viewer.personId,
        form,
        ...(choosers.length > 0 && { choices: choicesOf(values) }),
      })
      return { note: `预计经过 ${steps.map(step => step.name).join(' → ')}${stop ? `(之后:${stop})` : ''}` }
    },
    outcomeNote: result => {
      const { number, caseId } = result as RequestSubmitted
      return { number, id: caseId, note: `${number} 已提交审批` }
    },
  }
}
