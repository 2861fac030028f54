import { readField } from '../../condition/index.ts'
import type { ValueSource } from '../definition.ts'
import type { ProcessForm } from '../state.ts'

/** The values that a command or another process is given; fields that are not filled are left out. */
export function mapped(mapping: Readonly<Record<string, ValueSource>>, form: ProcessForm): ProcessForm {
  const values: ProcessForm = {}
  for (const [name, source] of Object.entries(mapping)) {
    const reading = 'field' in source ? readField(form, source.field) : { state: 'value' as const, value: source.value }
    if (reading.state === 'value') values[name] = reading.value as ProcessForm[string] & {}
  }
  return values
}
