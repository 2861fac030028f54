import type { FieldView } from '../../../common/contract/approvals.ts'
import type { PersonRef } from '../../../common/contract/people.ts'
import { amountFault } from './form-rules.ts'

/** What a field of a form sends: text as it was typed, a choice, ids of people. */
export type FieldInput = string | boolean | string[] | null

/** People as a form keeps them: JSON text, so that a draft on the phone holds their names too. */
export function readPeople(text: string): PersonRef[] {
  if (!text) return []
  try {
    const people: unknown = JSON.parse(text)
    return Array.isArray(people) ? people.filter(isPerson) : []
  } catch {
    return []
  }
}

const isPerson = (value: unknown): value is PersonRef => {
  const person = value as Partial<PersonRef> | null
  return typeof person?.id === 'string' && typeof person.name === 'string'
}

export const writePeople = (people: readonly PersonRef[]): string =>
  people.length === 0 ? '' : JSON.stringify(people.map(({ id, name }) => ({ id, name })))

/** The text that a field begins with; `kept` is what a chat draft holds under its name. */
export function startText(field: FieldView, kept?: string): string {
  if (kept !== undefined) return kept
  if (field.type === 'person' || field.type === 'personList') return writePeople(field.people ?? [])
  if (typeof field.value === 'boolean') return field.value ? '是' : '否'
  return typeof field.value === 'string' ? field.value : ''
}

/** What is wrong with a field as it stands; the server decides about the rest. */
export function fieldFault(field: FieldView, text: string): string | null {
  if (text.trim() === '') return field.isRequired ? `请填写${field.label}` : null
  return field.type === 'money' && !/^(?:0+(?:\.0+)?)$/.test(text.trim()) ? amountFault(text) : null
}

/** The same as it is sent. */
export function fieldInput(field: FieldView, text: string): FieldInput {
  if (text.trim() === '') return null
  if (field.type === 'boolean') return text === '是'
  const ids = readPeople(text).map(({ id }) => id)
  if (field.type === 'personList') return ids
  return field.type === 'person' ? (ids[0] ?? null) : text.trim()
}

/** Fields whose text differs from what they began with, as they are sent. */
export const changedFields = (
  fields: readonly FieldView[],
  texts: Readonly<Record<string, string>>,
): Record<string, FieldInput> =>
  Object.fromEntries(
    fields
      .filter(field => (texts[field.name] ?? '') !== startText(field))
      .map(field => [field.name, fieldInput(field, texts[field.name] ?? '')]),
  )
