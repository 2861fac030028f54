import { Binary, ObjectId } from 'bson'
import type { Doc } from '../bson/index.ts'
import { isObject } from '../bson/values.ts'
import { StoreError } from '../errors.ts'
import type { Collection } from './collection.ts'
import type { Index } from './index-entry.ts'

function show(value: unknown): string {
  if (value === undefined || value === null) return 'null'
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`
  if (value instanceof Date) return `new Date(${value.getTime()})`
  if (value instanceof Binary) return `BinData(${value.sub_type}, ${value.toString('hex').toUpperCase()})`
  if (Array.isArray(value)) return `[ ${value.map(show).join(', ')} ]`
  if (isObject(value))
    return `{ ${Object.entries(value)
      .map(([name, item]) => `${name}: ${show(item)}`)
      .join(', ')} }`
  return String(value)
}

/** E11000 in MongoDB's words, with `keyPattern` and `keyValue`. */
export function duplicateKey(collection: Collection, index: Index, doc: Doc): StoreError {
  const keyValue = index.valuesOf(doc)
  const shown = Object.entries(keyValue).map(([path, value]) => `${path}: ${show(value)}`)
  return new StoreError(
    11000,
    'DuplicateKey',
    `E11000 duplicate key error collection: ${collection.ns} index: ${index.name} dup key: { ${shown.join(', ')} }`,
    { keyPattern: index.meta.spec.key as Doc, keyValue },
  )
}
