import type { TextOrder } from '../bson/collation.ts'
import { compare } from '../bson/compare.ts'
import { pathParts } from '../bson/path.ts'
import { type Doc, emptyArray, isNumber, isObject, toNumber } from '../bson/values.ts'
import { badValue } from '../errors.ts'
import { walk } from './walk.ts'

/** A compiled sort: a key per document, and the order of keys. */
export type Sorter = { keyOf(doc: Doc): unknown[]; order(left: unknown[], right: unknown[]): number }

// An array sorts by its smallest element upwards and by its largest downwards (manual: "cursor.sort()").
function sortValue(doc: Doc, parts: string[], descending: boolean, text: TextOrder | undefined): unknown {
  let best: unknown
  let found = false
  const consider = (value: unknown) => {
    const better = !found || (descending ? compare(value, best, text) > 0 : compare(value, best, text) < 0)
    if (better) best = value
    found = true
    return false
  }
  walk(
    doc,
    parts,
    0,
    value => {
      if (Array.isArray(value)) {
        if (value.length === 0) consider(emptyArray)
        else for (const item of value) consider(item)
        return false
      }
      return consider(value)
    },
    false,
  )
  return found ? best : null
}

/** Directions of a sort, 1 or -1 per path. */
export function sortDirections(spec: Doc): [path: string, descending: boolean][] {
  return Object.entries(spec).map(([path, direction]) => {
    if (isObject(direction) && '$meta' in direction) throw badValue('$meta sort is not supported by the embedded store')
    const value = isNumber(direction) ? toNumber(direction) : Number.NaN
    if (value !== 1 && value !== -1) throw badValue('$sort key ordering must be 1 (for ascending) or -1 (for descending)')
    return [path, value < 0]
  })
}

/** Compiles a sort specification; `text` orders texts when the binary order is not wanted. */
export function compileSort(spec: Doc, text?: TextOrder): Sorter {
  const fields = sortDirections(spec).map(([path, descending]) => ({ parts: pathParts(path), descending }))
  return {
    keyOf: doc => fields.map(({ parts, descending }) => sortValue(doc, parts, descending, text)),
    order: (left, right) => {
      for (let i = 0; i < fields.length; i++) {
        const order = compare(left[i], right[i], text)
        if (order) return fields[i]?.descending ? -order : order
      }
      return 0
    },
  }
}
