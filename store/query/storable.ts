import { type Doc, maxDocumentBytes } from '../bson/index.ts'
import { isObject, isRegex, typeName } from '../bson/values.ts'
import type { Collection } from '../data/index.ts'
import { StoreError, tooLarge } from '../errors.ts'

const maxNesting = 100

function depthOf(value: unknown, limit: number): boolean {
  if (value === null || typeof value !== 'object') return true
  if (!Array.isArray(value) && !isObject(value)) return true
  if (limit === 0) return false
  return Object.values(value).every(child => depthOf(child, limit - 1))
}

/** @throws StoreError for an `_id` or a document that MongoDB would not store */
export function checkDocument(doc: Doc, bytes: Buffer): void {
  const id = doc._id
  if (id === undefined || Array.isArray(id) || isRegex(id)) {
    throw new StoreError(53, 'InvalidIdField', `The '_id' value cannot be of type ${typeName(id)}`)
  }
  if (isObject(id)) {
    const bad = Object.keys(id).find(name => name.startsWith('$') && !['$ref', '$id', '$db'].includes(name))
    if (bad)
      throw new StoreError(
        52,
        'DollarPrefixedFieldName',
        `_id fields may not contain '$'-prefixed fields: ${bad} is not valid for storage.`,
      )
  }
  if (bytes.length > maxDocumentBytes) {
    throw tooLarge(`BSONObj size: ${bytes.length} is invalid. Size must be between 0 and ${maxDocumentBytes}`)
  }
  if (bytes.length > 7 * maxNesting && !depthOf(doc, maxNesting)) {
    throw new StoreError(15, 'Overflow', `Document exceeds maximum nested object depth: ${maxNesting}`)
  }
}

/** @throws StoreError 166 for a view */
export function checkWritable(collection: Collection | undefined): void {
  if (collection?.isView) {
    throw new StoreError(166, 'CommandNotSupportedOnView', `Namespace ${collection.ns} is a view, not a collection`)
  }
}
