import { ObjectId } from 'bson'
import { type Doc, decode, decodeFields, encode } from '../bson/index.ts'
import { isNumber } from '../bson/values.ts'
import type { Collection, Database, Plan, Row, Transaction } from '../data/index.ts'
import { compileFilter, compileProjection, compileSort, type MatchContext, type Test } from '../match/index.ts'
import { type Pace, pause } from './pace.ts'
import { pausingSort, sortPaced } from './sort.ts'

/** A query as `find` takes it. `limit` 0 means none. */
export type Query = {
  filter: Doc
  sort: Doc
  projection: Doc
  skip: number
  limit: number
  hint: unknown
  context: MatchContext
  transaction: Transaction | null
}

/** Encoded documents with places to pause. */
export type Rows = Iterator<Buffer | typeof pause, unknown>

/** Already encoded documents as rows. */
export const rowsOf = (documents: Iterable<Buffer>): Rows => documents[Symbol.iterator]()

const sliceMs = 10

/** The top-level fields that a filter or a sort reads; null when it may read any. */
export function fieldsRead(spec: Doc, out = new Set<string>()): Set<string> | null {
  for (const [name, operand] of Object.entries(spec)) {
    if (name === '$and' || name === '$or' || name === '$nor') {
      if (!Array.isArray(operand)) return null
      for (const part of operand) if (!fieldsRead(part as Doc, out)) return null
    } else if (name.startsWith('$')) {
      if (name !== '$comment' && name !== '$natural') return null
    } else out.add(name.split('.')[0] as string)
  }
  return out
}

const isEmpty = (spec: Doc) => Object.keys(spec).length === 0

type Lookup = Pick<Query, 'filter' | 'hint' | 'context'>

const hasNoText = (value: unknown) =>
  isNumber(value) || typeof value === 'boolean' || value instanceof ObjectId || value instanceof Date

/** How to find the documents. Indexes know the binary order of texts only: under a collation they serve what holds no text. */
export function planOf(database: Database, collection: Collection, query: Lookup, sort: Doc): Plan {
  if (!query.context.text) return database.plan(collection, query.filter, sort, query.hint)
  const exact = Object.entries(query.filter).filter(([name, value]) => !name.startsWith('$') && hasNoText(value))
  const natural = '$natural' in sort
  return {
    ...database.plan(collection, Object.fromEntries(exact), natural ? sort : {}, query.hint),
    sorted: natural || isEmpty(sort),
  }
}

/** Matching rows in the order of the plan, with pauses. */
export function* matchingRows(
  database: Database,
  collection: Collection,
  query: Lookup & Pick<Query, 'transaction'>,
  sort: Doc,
): Generator<Row | typeof pause, boolean> {
  const test = compileFilter(query.filter, query.context)
  const chosen = planOf(database, collection, query, sort)
  const wanted = fieldsRead(query.filter)
  const all = isEmpty(query.filter)
  let pausedAtMs = performance.now()
  for (const row of database.scan(collection, chosen, query.transaction)) {
    if (performance.now() - pausedAtMs > sliceMs) {
      yield pause
      pausedAtMs = performance.now()
    }
    if (all || test(wanted ? decodeFields(row.bytes, wanted) : decode(row.bytes))) yield row
  }
  return chosen.sorted
}

function isOrdered(database: Database, collection: Collection, query: Query): boolean {
  if (isEmpty(query.sort)) return true
  const changed = query.transaction?.changesOf(collection)?.size ?? 0
  return changed === 0 && planOf(database, collection, query, query.sort).sorted
}

type Keyed = { key: unknown[]; bytes: Buffer; place: number }

// Keeps no more rows than the limit needs: twice as many at most before it throws the worst half away.
function* sortedRows(database: Database, collection: Collection, query: Query): Generator<Buffer | typeof pause> {
  const sorter = compileSort(query.sort, query.context.text)
  const wanted = fieldsRead(query.sort)
  const keep = query.limit > 0 ? query.skip + query.limit : Number.POSITIVE_INFINITY
  const order = (a: Keyed, b: Keyed) => sorter.order(a.key, b.key) || a.place - b.place
  let rows: Keyed[] = []
  let worst: unknown[] | null = null
  let place = 0
  for (const row of matchingRows(database, collection, query, query.sort)) {
    if (row === pause) {
      yield pause
      continue
    }
    const key = sorter.keyOf(wanted ? decodeFields(row.bytes, wanted) : decode(row.bytes))
    if (worst && sorter.order(key, worst) >= 0) continue
    rows.push({ key, bytes: row.bytes, place: place++ })
    if (rows.length > keep * 2 + 1000) {
      rows = rows.sort(order).slice(0, keep)
      worst = rows.at(-1)?.key ?? null
    }
  }
  const sorted = yield* pausingSort(rows, order)
  for (const { bytes } of sorted.slice(query.skip, query.skip + (query.limit || sorted.length))) yield bytes
}

function* orderedRows(database: Database, collection: Collection, query: Query): Generator<Buffer | typeof pause> {
  let skip = query.skip
  let left = query.limit > 0 ? query.limit : Number.POSITIVE_INFINITY
  for (const row of matchingRows(database, collection, query, query.sort)) {
    if (row === pause) yield pause
    else if (skip > 0) skip--
    else {
      yield row.bytes
      if (--left <= 0) return
    }
  }
}

/** Results of a query as encoded documents, with pauses. A collection that does not exist has none. */
export function* find(database: Database, collection: Collection | undefined, query: Query): Generator<Buffer | typeof pause> {
  // Compiled first: a wrong query is refused even where there is nothing to find.
  compileFilter(query.filter, query.context)
  compileSort(query.sort, query.context.text)
  const project = isEmpty(query.projection) ? null : compileProjection(query.projection, query.filter, query.context)
  if (!collection) return
  const rows = isOrdered(database, collection, query)
    ? orderedRows(database, collection, query)
    : sortedRows(database, collection, query)
  for (const bytes of rows) yield bytes === pause || !project ? bytes : encode(project(decode(bytes)))
}

/** A row that an update or removal will change. */
export type Target = Row & { doc: Doc }

/** What a statement asks for. */
export type Wanted = Pick<Query, 'filter' | 'sort' | 'hint' | 'context' | 'transaction'>

const maxTargets = 500

/**
 * Finds what a write works on: all matching rows, or the first. Runs without pause inside a write.
 *
 * @param tooLong called when it takes long or there are many; missing: it takes as long as it takes
 * @throws StoreError 50 once the time of the command is over
 */
export function targets(
  database: Database,
  collection: Collection,
  query: Wanted,
  multi: boolean,
  pace?: Pace,
  tooLong?: () => never,
): Target[] {
  const full: Query = { ...query, projection: {}, skip: 0, limit: 0 }
  const ordered = isOrdered(database, collection, full)
  const test: Test = compileFilter(query.filter, query.context)
  const found: Target[] = []
  const endMs = performance.now() + sliceMs
  for (const row of database.scan(collection, planOf(database, collection, query, query.sort), query.transaction)) {
    pace?.check()
    if (tooLong && (found.length > maxTargets || performance.now() > endMs)) tooLong()
    const doc = decode(row.bytes)
    if (!test(doc)) continue
    found.push({ ...row, doc })
    if (!multi && ordered) break
  }
  if (!ordered) {
    const sorter = compileSort(query.sort, query.context.text)
    const keyed = found.map(target => ({ target, key: sorter.keyOf(target.doc) }))
    keyed.sort((a, b) => sorter.order(a.key, b.key))
    return (multi ? keyed : keyed.slice(0, 1)).map(({ target }) => target)
  }
  return found
}

/**
 * The records of matching rows in the order of the sort, found with pauses and outside of a write: when it comes to them they may have changed.
 * One that moved within the index during a pause was met twice.
 */
export async function candidates(database: Database, collection: Collection, query: Wanted, pace: Pace): Promise<number[]> {
  const sorter = compileSort(query.sort, query.context.text)
  const ordered = isOrdered(database, collection, { ...query, projection: {}, skip: 0, limit: 0 })
  const keyed: { record: number; key: unknown[] }[] = []
  for (const row of matchingRows(database, collection, query, query.sort)) {
    if (row === pause) await pace.rest()
    else keyed.push({ record: row.record, key: ordered ? [] : sorter.keyOf(decode(row.bytes)) })
  }
  const sorted = ordered ? keyed : await sortPaced(keyed, (a, b) => sorter.order(a.key, b.key), pace)
  return [...new Set(sorted.map(({ record }) => record))]
}
