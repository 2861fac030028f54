import { z } from 'zod'

/** A path into a record: names joined by dots. No `$`, no positions, nothing that begins with an underscore except `_id`. */
export const fieldName = z
  .string()
  .max(120)
  .regex(/^(?:_id|[A-Za-z][A-Za-z0-9_]*)(?:\.[A-Za-z][A-Za-z0-9_]*)*$/, '字段名由字母、数字和下划线组成')

/**
 * What a field holds. `money` is integer 分, `date` milliseconds since the epoch, `person` a person's id, `personList` a list of them,
 * `enum` one of `options`.
 */
export const fieldType = z.strictObject({
  type: z.enum(['string', 'number', 'money', 'boolean', 'date', 'enum', 'person', 'personList']),
  /** The Chinese word that people see. */
  label: z.string().min(1).max(40),
  options: z
    .array(z.strictObject({ value: z.string().min(1).max(100), label: z.string().min(1).max(100) }))
    .max(500)
    .optional(),
})

/** The fields that a condition may speak about. */
export const fieldTypes = z.record(fieldName, fieldType)

export type FieldType = z.infer<typeof fieldType>
export type FieldTypes = z.infer<typeof fieldTypes>
