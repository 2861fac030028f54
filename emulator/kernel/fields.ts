/** The fields a vendor page allows: `true` for a plain value, an object for a nested table; lists are checked item by item. */
export type FieldTable = { readonly [field: string]: true | FieldTable }

/** Something the service sent that the vendor page does not know, or that a client would cut off. */
export interface Violation {
  at: number
  path: string
  kind: 'unknown_field' | 'missing_field' | 'over_length' | 'wrong_type' | 'not_for_type'
  field: string
  detail: string
}

/** A table of plain values. */
export const plain = (...names: string[]): FieldTable => Object.fromEntries(names.map(name => [name, true]))

/** Names of fields in `value` that the table does not list, with their path. */
export function unknownFields(table: FieldTable, value: unknown, at = ''): string[] {
  if (Array.isArray(value)) return value.flatMap(item => unknownFields(table, item, `${at}[]`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, entry]) => {
    const path = at ? `${at}.${key}` : key
    const rule = table[key]
    if (rule === undefined) return [path]
    return rule === true ? [] : unknownFields(rule, entry, path)
  })
}
