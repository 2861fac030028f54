import type { RequestSubmitted } from '../../common/contract/requests.ts'
import { initiatorChoices, type ProcessDefinition } from '../../engine/process/index.ts'
import { expectedRoute, readField, showField } from '../approvals/index.ts'
import { routes } from '../kernel/links.ts'
import type { Services } from '../kernel/services.ts'
import type { Organisation } from '../people/organisation.ts'
import { attachedWords, readAttachments } from '../talk/attachments.ts'
import type { DraftField, DraftKind } from '../talk/draft-kinds.ts'
import { startFields } from './form.ts'
import { readPeople, writePeople } from './people-text.ts'
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
}

type FieldType = ProcessDefinition['fields'][string]

const isPeople = ({ type }: FieldType): boolean => type === 'person' || type === 'personList'
const namesIn = (text: string | undefined): string =>
  readPeople(text)
    .map(({ name }) => name)
    .join('、')
const idsIn = (text: string | undefined): string[] => readPeople(text).map(({ id }) => id)

/** A request being entered in the chat, field by field as its process wants them. */
export function requestDraft(services: Services, organisation: Organisation, definition: ProcessDefinition): DraftKind {
  const fields = startFields(definition)
  const choosers = initiatorChoices(definition)
  const nameOf = (id: string) => organisation.name(id)

  /** What was said, as the draft keeps it. */
  const reader = (field: FieldType) => (text: string) => {
    const answer = readField(field, text, { organisation, time: services.time, now: services.clock.now() })
    if (!answer.ok) return answer
    if (isPeople(field) && answer.value !== null) return { ok: true as const, value: writePeople(answer.value, nameOf) }
    const value = showField(field, answer.value, nameOf)
    return value ? { ok: true as const, value } : { ok: false as const, message: `请告诉我${field.label}。` }
  }
  const asked: DraftField[] = fields.map(([name, field]) => ({
    name,
    label: field.label,
    required: definition.required.includes(name),
    question: questionOf(field),
    ...(field.type === 'boolean' && { yesNo: true as const }),
    read: reader(field),
  }))
  const chosen: DraftField[] = choosers.map(({ id, name }) => ({
    name: `${CHOICE}${id}`,
    label: name,
    required: true,
    question: `${name}由谁处理?请回复同事姓名。`,
    read: reader({ type: 'personList', label: name }),
  }))
  const inputOf = (values: Values) => ({
    form: Object.fromEntries(
      fields.flatMap(([name, field]) =>
        values[name] ? [[name, isPeople(field) ? peopleInput(field, values[name]) : values[name]]] : [],
      ),
    ),
    ...(values.customerId && { customerId: values.customerId }),
    ...(choosers.length > 0 && {
      choices: Object.fromEntries(choosers.map(({ id }) => [id, idsIn(values[`${CHOICE}${id}`])])),
    }),
  })

  return {
    kind: 'request',
    title: definition.name,
    noun: definition.name,
    command: submitRequest,
    takesFiles: true,
    fields: [...asked, ...chosen],
    heading: values => [values.customerName, values.title ?? definition.name].filter(Boolean).join(' · '),
    facts: values =>
      [
        ...fields.map(([name, field]) => ({
          label: field.label,
          value: name === 'title' ? undefined : isPeople(field) ? namesIn(values[name]) : values[name],
        })),
        { label: '客户', value: values.customerName },
        { label: '附件', value: attachedWords(values.attachments) },
        ...choosers.map(({ id, name }) => ({ label: name, value: namesIn(values[`${CHOICE}${id}`]) })),
      ].flatMap(({ label, value }) => (value ? [{ label, value }] : [])),
    route: draft => routes.newRequest(definition.key, draft._id),
    resultRoute: draft => routes.approval(draft.outcome?.id ?? ''),
    toInput: ({ _id, values }) => ({
      key: definition.key,
      ...inputOf(values),
      attachmentIds: readAttachments(values.attachments).map(({ id }) => id),
      draftId: _id,
    }),
    async check(_services, viewer, values) {
      const { choices, ...input } = inputOf(values)
      const form = await requestForm(services, viewer, definition, input)
      const { steps, stop } = await expectedRoute(services, definition, {
        by: viewer.personId,
        form,
        ...(choices && { choices }),
      })
      return { note: `预计经过 ${steps.map(step => step.name).join(' → ')}${stop ? `(之后:${stop})` : ''}` }
    },
    outcomeNote: result => {
      const { number, caseId } = result as RequestSubmitted
      return { number, id: caseId, note: `${number} 已提交审批` }
    },
  }
}

/** `紧急程度是什么?请回复:普通、紧急。` */
function questionOf({ type, label, options }: FieldType): string {
  if (type === 'boolean') return `${label}吗?请回复:是 或 否。`
  const example = options ? `请回复:${options.map(option => option.label).join('、')}。` : (EXAMPLES[type] ?? '')
  return `${label}是什么?${example}`
}

const peopleInput = ({ type }: FieldType, text: string): string | string[] =>
  type === 'personList' ? idsIn(text) : (idsIn(text)[0] ?? '')
