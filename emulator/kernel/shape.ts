/** What a vendor page says about one field. Codes: the platform's own error for this field, where the page names one. */
export interface Field {
  type: 'string' | 'number' | 'boolean' | 'object' | 'strings' | 'texts' | 'list' | 'any'
  required?: true
  maxChars?: number
  maxBytes?: number
  maxItems?: number
  /** The values that the page lists. */
  oneOf?: readonly (string | number)[]
  /** Of an object, or of each item of a list. */
  fields?: Shape
  /** Error when it is missing. */
  missing?: string
  /** Error when it is of another type, too long or not among the values. */
  wrong?: string
}

/** A page's field table. */
export type Shape = { readonly [name: string]: Field }

/** One thing in a request that the page does not allow. */
export interface Complaint {
  kind: 'unknown_field' | 'missing_field' | 'wrong_type' | 'over_length'
  field: string
  detail: string
  /** The platform's error for it; absent where the page names none. */
  code?: string
}

type Options = Omit<Field, 'type'>

/** Shorthands for tables: `text({ required: true, maxChars: 30 })`. `texts` is a map of texts, `strings` a list of texts. */
export const text = (options: Options = {}): Field => ({ type: 'string', ...options })
export const number = (options: Options = {}): Field => ({ type: 'number', ...options })
export const flag = (options: Options = {}): Field => ({ type: 'boolean', ...options })
export const strings = (options: Options = {}): Field => ({ type: 'strings', ...options })
export const texts = (options: Options = {}): Field => ({ type: 'texts', ...options })
export const anything = (options: Options = {}): Field => ({ type: 'any', ...options })
export const object = (fields?: Shape, options: Options = {}): Field => ({
  type: 'object',
  ...(fields && { fields }),
  ...options,
})
export const list = (fields?: Shape, options: Options = {}): Field => ({ type: 'list', ...(fields && { fields }), ...options })

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

const RIGHT: Record<Field['type'], (value: unknown) => boolean> = {
  string: value => typeof value === 'string',
  number: value => typeof value === 'number' && Number.isFinite(value),
  boolean: value => typeof value === 'boolean',
  object: isObject,
  strings: value => Array.isArray(value) && value.every(item => typeof item === 'string'),
  texts: value => isObject(value) && Object.values(value).every(item => typeof item === 'string'),
  list: value => Array.isArray(value) && value.every(isObject),
  any: () => true,
}

/** Everything in `value` that the table does not allow, in the order of the page and then of the request. */
export function checkShape(shape: Shape, value: Readonly<Json>, at = ''): Complaint[] {
  const path = (name: string) => (at ? `${at}.${name}` : name)
  const known = Object.entries(shape).flatMap(([name, field]) => checkField(field, value[name], path(name)))
  const unknown = Object.keys(value)
    .filter(name => shape[name] === undefined)
    .map((name): Complaint => ({ kind: 'unknown_field', field: path(name), detail: '页面上没有这个字段' }))
  return [...known, ...unknown]
}

function checkField(field: Field, value: unknown, path: string): Complaint[] {
  const code = (own: string | undefined) => (own === undefined ? {} : { code: own })
  const wrong = (kind: Complaint['kind'], detail: string): Complaint[] => [{ kind, field: path, detail, ...code(field.wrong) }]
  if (value === undefined || (value === '' && field.required))
    return field.required ? [{ kind: 'missing_field', field: path, detail: '必填', ...code(field.missing) }] : []
  if (!RIGHT[field.type](value)) return wrong('wrong_type', `应为 ${field.type}`)
  if (field.oneOf && !field.oneOf.includes(value as string | number))
    return wrong('wrong_type', `应为 ${field.oneOf.join(' / ')}`)
  if (typeof value === 'string') {
    if (field.maxChars !== undefined && value.length > field.maxChars)
      return wrong('over_length', `${value.length} 字,页面写 ${field.maxChars}`)
    const bytes = Buffer.byteLength(value)
    if (field.maxBytes !== undefined && bytes > field.maxBytes)
      return wrong('over_length', `${bytes} 字节,页面写 ${field.maxBytes}`)
  }
  if (Array.isArray(value)) {
    if (field.maxItems !== undefined && value.length > field.maxItems)
      return wrong('over_length', `${value.length} 个,页面写 ${field.maxItems}`)
    const { fields } = field
    return fields ? value.flatMap((item, index) => checkShape(fields, item as Json, `${path}[${index}]`)) : []
  }
  return field.fields && isObject(value) ? checkShape(field.fields, value, path) : []
}
