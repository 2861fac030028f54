import type { FieldView } from '../../common/contract/approvals.ts'
import { isForLater, type ProcessDefinition } from '../../engine/process/index.ts'

/** Chosen from the customers, together with their id. */
export const CUSTOMER_FIELD = 'customerName'

/** What a request carries beside its fields; no field of a form can be called so. */
export const CARRIED: ReadonlySet<string> = new Set([
  CUSTOMER_FIELD,
  'customerId',
  'requestId',
  'number',
  'attachmentIds',
  'attachments',
  'draftId',
])

type FieldType = ProcessDefinition['fields'][string]

/** What whoever submits fills in, in the order of the definition. */
export const startFields = (definition: ProcessDefinition): [name: string, field: FieldType][] =>
  Object.entries(definition.fields).filter(([name]) => !CARRIED.has(name) && !isForLater(definition, name))

/** Does the form speak of a customer, and must it? */
export function customerNeed(definition: ProcessDefinition): 'none' | 'optional' | 'required' {
  if (!Object.hasOwn(definition.fields, CUSTOMER_FIELD)) return 'none'
  return definition.required.includes(CUSTOMER_FIELD) ? 'required' : 'optional'
}

/** A field as an empty form shows it. */
export const emptyField = (definition: ProcessDefinition, name: string, field: FieldType): FieldView => ({
  name,
  label: field.label,
  type: field.type,
  ...(field.options && { options: field.options }),
  isRequired: definition.required.includes(name),
})
