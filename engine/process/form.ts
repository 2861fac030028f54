import type { FieldType } from '../condition/index.ts'
import { type FieldRight, isManned, type ProcessDefinition, type ProcessNode } from './definition.ts'
import { refuse } from './result.ts'
import type { ProcessForm } from './state.ts'
import { change, type Turn } from './turn.ts'

const valueIn = (form: Readonly<ProcessForm>, field: string): unknown => (Object.hasOwn(form, field) ? form[field] : undefined)

/** Is there anything in the field? Blank texts and empty lists are nothing. */
export function isFilled(form: Readonly<ProcessForm>, field: string): boolean {
  const value = valueIn(form, field)
  if (typeof value === 'string') return value.trim() !== ''
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null
}

export const emptyFields = (form: Readonly<ProcessForm>, fields: readonly string[] = []): string[] =>
  fields.filter(field => !isFilled(form, field))

/** Does the value fit the field? An empty one does. */
export function fits(value: unknown, { type, options }: FieldType): boolean {
  if (value === undefined || value === null) return true
  switch (type) {
    case 'string':
    case 'person':
      return typeof value === 'string'
    case 'number':
    case 'date':
      return Number.isFinite(value)
    case 'money':
      return Number.isSafeInteger(value)
    case 'boolean':
      return typeof value === 'boolean'
    case 'enum':
      return typeof value === 'string' && (!options || options.some(option => option.value === value))
    case 'personList':
      return Array.isArray(value) && value.every(id => typeof id === 'string')
  }
}

/** A field that people at a later step fill in. It is theirs: whoever submits only has it where they must. */
export const isForLater = (definition: ProcessDefinition, field: string): boolean =>
  !definition.required.includes(field) &&
  definition.nodes.some(node => isManned(node) && fieldRightAt(definition, node, field) === 'edit')

/**
 * What a person at this node may do with a field. At the start all fields can be edited but those that a later step fills in;
 * elsewhere what a node must bring out can, unless the node says otherwise, and the rest is read.
 */
export function fieldRightAt(definition: ProcessDefinition, node: ProcessNode, field: string): FieldRight {
  if (node.type === 'start') return isForLater(definition, field) ? 'read' : 'edit'
  if (!isManned(node)) return 'read'
  const rights = node.fields ?? {}
  const said = Object.hasOwn(rights, field) ? rights[field] : undefined
  return said ?? (node.outputs?.includes(field) ? 'edit' : 'read')
}

/** Refused: `approval.field_invalid { field }`. Fields that the definition does not declare are the subject's own business. */
export function checkTypes(form: Readonly<ProcessForm>, { fields }: ProcessDefinition): void {
  for (const [field, declared] of Object.entries(fields)) {
    if (!fits(valueIn(form, field), declared)) refuse('approval.field_invalid', { field })
  }
}

/** A whole form as it is submitted. Refused: `approval.field_invalid { field }`, `approval.field_required { fields }`. */
export function checkForm(form: Readonly<ProcessForm>, definition: ProcessDefinition): void {
  checkTypes(form, definition)
  const fields = emptyFields(form, definition.required)
  if (fields.length > 0) refuse('approval.field_required', { fields })
}

/** Writes what a person changed at this node. Refused: `approval.field_not_editable { field }`, `approval.field_invalid { field }`. */
export function edit(turn: Turn, node: ProcessNode, edits: ProcessForm | undefined): void {
  if (!edits) return
  for (const field of Object.keys(edits)) {
    const isEditable = Object.hasOwn(turn.definition.fields, field) && fieldRightAt(turn.definition, node, field) === 'edit'
    if (!isEditable) refuse('approval.field_not_editable', { field })
  }
  checkTypes(edits, turn.definition)
  change(turn, { form: { ...turn.state.form, ...edits } })
}

/** What the node must bring out is there. Refused: `approval.output_required { fields }`. */
export function checkOutputs(turn: Turn, node: ProcessNode): void {
  if (!isManned(node)) return
  const fields = emptyFields(turn.state.form, node.outputs)
  if (fields.length > 0) refuse('approval.output_required', { fields })
}
