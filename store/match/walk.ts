import { has, isObject } from '../bson/values.ts'

/** Whether a path part names an array position. */
export const isPosition = (part: string): boolean => /^(0|[1-9]\d*)$/.test(part)

/**
 * Visits every value that a dotted path reaches, going through arrays on the way as queries do (manual: "Query an Array").
 *
 * @param visit stops the walk when it returns true; a missing field is visited as undefined
 * @param expand also visit the elements of an array at the end of the path
 * @returns whether some visit returned true
 */
export function walk(
  value: unknown,
  parts: readonly string[],
  from: number,
  visit: (value: unknown) => boolean,
  expand: boolean,
): boolean {
  const part = parts[from]
  if (part === undefined) {
    if (expand && Array.isArray(value)) for (const item of value) if (visit(item)) return true
    return visit(value)
  }
  if (Array.isArray(value)) {
    if (isPosition(part) && Number(part) < value.length && walk(value[Number(part)], parts, from + 1, visit, expand)) return true
    for (const item of value) if (isObject(item) && walk(item, parts, from, visit, expand)) return true
    return false
  }
  if (isObject(value)) return walk(has(value, part) ? value[part] : undefined, parts, from + 1, visit, expand)
  return visit(undefined)
}

/** The value at a path without going through arrays, except by position. */
export function valueAt(value: unknown, parts: readonly string[]): unknown {
  let current = value
  for (const part of parts) {
    if (Array.isArray(current)) current = isPosition(part) ? current[Number(part)] : undefined
    else if (isObject(current) && has(current, part)) current = current[part]
    else return undefined
  }
  return current
}
