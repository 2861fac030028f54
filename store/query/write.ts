import { ObjectId } from 'bson'
import { type Doc, decode, encode, equal } from '../bson/index.ts'
import { has, isObject, isRegex, typeName } from '../bson/values.ts'
import type { Collection, Database, Transaction } from '../data/index.ts'
import { failedToParse, immutableId, notSupported, StoreError } from '../errors.ts'
import type { MatchContext } from '../match/index.ts'
import { compileUpdate, seedFromFilter, type Update } from '../update/index.ts'
import { type Target, targets } from './find.ts'
import type { Pace } from './pace.ts'

/** What writes need from their surroundings. */
export type WriteContext = {
  database: Database
  context: MatchContext
  transaction: Transaction | null
  nowMs: () => number
  /** Does not ask the collection's validator (manual: "Bypass Schema Validation"). */
  bypass?: boolean
  /** The time that the command has; missing: as long as it takes. */
  pace?: Pace
  /** Runs an update given as a pipeline on one document. */
  pipeline: (stages: Doc[], doc: Doc) => Doc
}

const maxDocumentBytes = 16 * 1024 * 1024
const maxNesting = 100

function depthOf(value: unknown, limit: number): boolean {
  if (value === null || typeof value !== 'object') return true
  if (!Array.isArray(value) && !isObject(value)) return true
  if (limit === 0) return false
  return Object.values(value).every(child => depthOf(child, limit - 1))
}

/** @throws StoreError for an `_id` or a document that MongoDB would not store */
function checkDocument(doc: Doc, bytes: Buffer): void {
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
    throw new StoreError(
      10334,
      'BSONObjectTooLarge',
      `BSONObj size: ${bytes.length} is invalid. Size must be between 0 and ${maxDocumentBytes}`,
    )
  }
  if (bytes.length > 7 * maxNesting && !depthOf(doc, maxNesting)) {
    throw new StoreError(15, 'Overflow', `Document exceeds maximum nested object depth: ${maxNesting}`)
  }
}

function checkWritable(collection: Collection | undefined): void {
  if (collection?.isView) {
    throw new StoreError(166, 'CommandNotSupportedOnView', `Namespace ${collection.ns} is a view, not a collection`)
  }
}

function checkValid(write: WriteContext, collection: Collection, doc: Doc, old?: Doc): void {
  if (write.bypass || collection.accepts(doc, write.nowMs, old)) return
  throw new StoreError(121, 'DocumentValidationFailure', 'Document failed validation', {
    errInfo: { failingDocumentId: doc._id, details: { operatorName: 'validator' } },
  })
}

const withIdFirst = (doc: Doc): Doc =>
  Object.keys(doc)[0] === '_id' ? doc : { _id: has(doc, '_id') ? doc._id : new ObjectId(), ...doc }

/** Inserts one encoded document; `_id` is added when missing and moved to the front. */
export function insertOne(write: WriteContext, ns: string, sent: Buffer): void {
  let doc = decode(sent)
  // A copy: the message buffer lives on in the batch otherwise.
  let bytes: Buffer = Buffer.from(sent)
  if (Object.keys(doc)[0] !== '_id') {
    doc = has(doc, '_id') ? { _id: doc._id, ...doc } : { _id: new ObjectId(), ...doc }
    bytes = encode(doc)
  }
  checkDocument(doc, bytes)
  const existing = write.database.catalogue.get(ns)
  checkWritable(existing)
  const collection = write.database.ensureCollection(ns, write.transaction)
  checkValid(write, collection, doc)
  write.database.insert(collection, doc, bytes, write.transaction)
}

/** One statement of an update command. */
export type UpdateStatement = {
  query: Doc
  update: Doc | Doc[]
  multi: boolean
  upsert: boolean
  arrayFilters?: Doc[] | undefined
  sort: Doc
  hint: unknown
}

/** What one statement did; `before` and `after` are for findAndModify. */
export type UpdateResult = { n: number; nModified: number; upserted?: unknown; before?: Buffer; after?: Buffer }

const isOperatorUpdate = (update: Doc) => Object.keys(update)[0]?.startsWith('$') === true

function compileChange(write: WriteContext, statement: UpdateStatement): Update {
  const { update, query, multi } = statement
  if (Array.isArray(update)) {
    if (write.context.text) throw notSupported('an update pipeline together with a collation')
    return doc => {
      const changed = write.pipeline(update, doc)
      if (!has(doc, '_id')) return changed
      if (!has(changed, '_id')) return { _id: doc._id, ...changed }
      if (!equal(changed._id, doc._id)) throw immutableId()
      return changed
    }
  }
  if (isOperatorUpdate(update)) {
    return compileUpdate({ update, query, arrayFilters: statement.arrayFilters, context: write.context, nowMs: write.nowMs })
  }
  if (multi) throw failedToParse('multi update is not supported for replacement-style update')
  if (statement.arrayFilters?.length) throw failedToParse('arrayFilters may not be specified for replacement-style updates')
  return (doc, inserting) => {
    if (!inserting && has(update, '_id') && !equal(update._id, doc._id)) {
      throw new StoreError(
        66,
        'ImmutableField',
        `After applying the update, the (immutable) field '_id' was found to have been altered`,
      )
    }
    const { _id, ...rest } = update
    const id = has(update, '_id') && inserting ? _id : doc._id
    return id === undefined ? rest : { _id: id, ...rest }
  }
}

function upsert(write: WriteContext, ns: string, statement: UpdateStatement, change: Update): UpdateResult {
  const seed = seedFromFilter(statement.query)
  const keepsSeed = Array.isArray(statement.update) || isOperatorUpdate(statement.update)
  const wantedId = seed._id
  let doc = change(keepsSeed ? seed : has(seed, '_id') ? { _id: seed._id } : {}, true)
  if (wantedId !== undefined && has(doc, '_id') && !equal(doc._id, wantedId)) throw immutableId()
  doc = withIdFirst(doc)
  const bytes = encode(doc)
  const stored = decode(bytes)
  checkDocument(stored, bytes)
  const collection = write.database.ensureCollection(ns, write.transaction)
  checkValid(write, collection, stored)
  write.database.insert(collection, stored, bytes, write.transaction)
  return { n: 1, nModified: 0, upserted: stored._id, after: bytes }
}

function applyChange(write: WriteContext, collection: Collection, target: Target, change: Update): Buffer {
  const changed = change(target.doc, false)
  const bytes = encode(changed)
  if (bytes.equals(target.bytes)) return bytes
  // What was stored and what will be read back must be the same types, so the index keys come from the bytes.
  const doc = decode(bytes)
  const old = decode(target.bytes)
  checkDocument(doc, bytes)
  if (!equal(doc._id, old._id)) throw immutableId()
  checkValid(write, collection, doc, old)
  write.database.put(collection, target.record, doc, bytes, old, write.transaction)
  return bytes
}

/**
 * Runs one update statement inside a write.
 *
 * @param done records that this statement has already changed, for when it must wait for a transaction half-way
 */
export function updateStatement(write: WriteContext, ns: string, statement: UpdateStatement, done: Set<number>): UpdateResult {
  const collection = write.database.catalogue.get(ns)
  checkWritable(collection)
  const change = compileChange(write, statement)
  const query = {
    filter: statement.query,
    sort: statement.sort,
    hint: statement.hint,
    context: write.context,
    transaction: write.transaction,
  }
  const found = collection ? targets(write.database, collection, query, statement.multi, write.pace) : []
  const result: UpdateResult = { n: done.size, nModified: done.size }
  for (const target of found) write.database.checkFree(target.record, write.transaction)
  for (const target of found) {
    if (!collection || done.has(target.record)) continue
    result.before = target.bytes
    result.after = applyChange(write, collection, target, change)
    result.n++
    if (!result.after.equals(target.bytes)) {
      result.nModified++
      if (statement.multi) done.add(target.record)
    }
  }
  return result.n === 0 && statement.upsert ? upsert(write, ns, statement, change) : result
}

/** One statement of a delete command. */
export type DeleteStatement = { query: Doc; multi: boolean; sort: Doc; hint: unknown }

/** Removes matching documents inside a write. */
export function deleteStatement(write: WriteContext, ns: string, statement: DeleteStatement): { n: number; before?: Buffer } {
  const collection = write.database.catalogue.get(ns)
  checkWritable(collection)
  if (!collection) return { n: 0 }
  const query = {
    filter: statement.query,
    sort: statement.sort,
    hint: statement.hint,
    context: write.context,
    transaction: write.transaction,
  }
  const found = targets(write.database, collection, query, statement.multi, write.pace)
  for (const target of found) write.database.checkFree(target.record, write.transaction)
  for (const target of found) write.database.remove(collection, target.record, target.doc, write.transaction)
  const before = found[0]?.bytes
  return before ? { n: found.length, before } : { n: found.length }
}
