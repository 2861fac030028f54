import { ObjectId } from 'bson'
import { type Doc, decode, encode, equal, maxDocumentBytes } from '../bson/index.ts'
import { has } from '../bson/values.ts'
import type { Collection, Database, Transaction } from '../data/index.ts'
import { failedToParse, immutableId, notSupported, StoreError, tooLarge } from '../errors.ts'
import { compileFilter, type MatchContext } from '../match/index.ts'
import { compileUpdate, seedFromFilter, type Update } from '../update/index.ts'
import { candidates, type Target, targets, type Wanted } from './find.ts'
import type { Pace } from './pace.ts'
import { StatementRun, TooLong } from './slices.ts'
import { checkDocument, checkWritable } from './storable.ts'

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
  if (sent.length > maxDocumentBytes)
    throw tooLarge(`object to insert too large. size in bytes: ${sent.length}, max size: ${maxDocumentBytes}`)
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

// The documents of a statement. In a transaction it cannot be done in parts.
function targetsOf(write: WriteContext, collection: Collection, query: Wanted, multi: boolean, run: StatementRun): Target[] {
  const tooLong = (): never => {
    throw new TooLong(async pace => {
      run.candidates = await candidates(write.database, collection, query, pace)
      run.next = 0
    })
  }
  return targets(write.database, collection, query, multi, write.pace, write.transaction ? undefined : tooLong)
}

const sliceMs = 10

// Changes the next candidates that still match, or the first of them. Gives false when there is more to do.
function takeCandidates(
  write: WriteContext,
  collection: Collection,
  { filter, context }: Wanted,
  multi: boolean,
  run: StatementRun,
  change: (target: Target) => void,
): boolean {
  const endMs = performance.now() + sliceMs
  const test = compileFilter(filter, context)
  for (const list = run.candidates ?? []; run.next < list.length && !collection.dropped; run.next++) {
    if (performance.now() > endMs) return false
    const record = list[run.next] as number
    const bytes = write.database.read(collection, record, null)
    const doc = bytes && decode(bytes)
    if (!doc || !test(doc)) continue
    write.database.checkFree(record, null)
    change({ record, bytes, doc })
    if (multi) continue
    run.next = list.length
  }
  return true
}

const queryOf = (write: WriteContext, { query, sort, hint }: Pick<UpdateStatement, 'query' | 'sort' | 'hint'>): Wanted => ({
  filter: query,
  sort,
  hint,
  context: write.context,
  transaction: write.transaction,
})

/**
 * Runs one update statement inside a write, or a part of it: null when there is more to do.
 *
 * @throws TooLong when its documents must first be found outside of a write
 */
export function updateStatement(
  write: WriteContext,
  ns: string,
  statement: UpdateStatement,
  run = new StatementRun(),
): UpdateResult | null {
  const collection = write.database.catalogue.get(ns)
  checkWritable(collection)
  const change = compileChange(write, statement)
  const query = queryOf(write, statement)
  const result: UpdateResult = { n: 0, nModified: 0 }
  const apply = (target: Target) => {
    if (!collection || run.changed.has(target.record)) return
    result.before = target.bytes
    result.after = applyChange(write, collection, target, change)
    run.n++
    if (result.after.equals(target.bytes)) return
    run.nModified++
    if (statement.multi && !run.candidates) run.changed.add(target.record)
  }
  if (collection && run.candidates) {
    if (!takeCandidates(write, collection, query, statement.multi, run, apply)) return null
  } else if (collection) {
    run.n = run.nModified = run.changed.size
    const found = targetsOf(write, collection, query, statement.multi, run)
    for (const target of found) write.database.checkFree(target.record, write.transaction)
    for (const target of found) apply(target)
  }
  if (run.n === 0 && statement.upsert) return upsert(write, ns, statement, change)
  return { ...result, n: run.n, nModified: run.nModified }
}

/** One statement of a delete command. */
export type DeleteStatement = { query: Doc; multi: boolean; sort: Doc; hint: unknown }

/**
 * Removes matching documents inside a write, or some of them: null when there is more to do.
 *
 * @throws TooLong when they must first be found outside of a write
 */
export function deleteStatement(
  write: WriteContext,
  ns: string,
  statement: DeleteStatement,
  run = new StatementRun(),
): { n: number; before?: Buffer } | null {
  const collection = write.database.catalogue.get(ns)
  checkWritable(collection)
  if (!collection) return { n: run.n }
  const query = queryOf(write, statement)
  let before: Buffer | undefined
  const remove = (target: Target) => {
    write.database.remove(collection, target.record, target.doc, write.transaction)
    before ??= target.bytes
    run.n++
  }
  if (run.candidates) {
    if (!takeCandidates(write, collection, query, statement.multi, run, remove)) return null
  } else {
    const found = targetsOf(write, collection, query, statement.multi, run)
    for (const target of found) write.database.checkFree(target.record, write.transaction)
    for (const target of found) remove(target)
  }
  return before ? { n: run.n, before } : { n: run.n }
}
