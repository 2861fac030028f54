import { compilersFor, readView, aggregate as runAggregate } from '../aggregate/index.ts'
import { compare, compileCollation, type Doc, decode, encode, identityOf, maxDocumentBytes, pathParts } from '../bson/index.ts'
import { isNumber, isObject, toNumber, typeName } from '../bson/values.ts'
import { badValue, location, notSupported, StoreError, typeMismatch } from '../errors.ts'
import { walk } from '../match/index.ts'
import { find as findRows, Pace, pause, type Query, type Rows, rowsOf } from '../query/index.ts'
import { explain } from './explain.ts'
import { countField, documentField, flag, type Handler, hintOf, namespaceOf, type Request } from './request.ts'

const firstBatchSize = 101
/** What a value costs in a list besides its own bytes. */
const elementBytes = 8
const refusedOptions = ['min', 'max', 'returnKey', 'showRecordId', 'awaitData']

function queryOf(request: Request, filterName: string): Query {
  const { command, services, transaction } = request
  return {
    filter: documentField(command, filterName),
    sort: documentField(command, 'sort'),
    projection: documentField(command, 'projection'),
    skip: countField(command, 'skip', 0),
    limit: Math.abs(isNumber(command.limit) ? Math.trunc(toNumber(command.limit)) : 0),
    hint: hintOf(command),
    context: compilersFor(services.nowMs, documentField(command, 'let'), compileCollation(command.collation)),
    transaction,
  }
}

async function viewOr(request: Request, ns: string, query: Query): Promise<Rows> {
  const { database } = request.services
  const collection = database.catalogue.get(ns)
  if (!collection?.isView) return findRows(database, collection, query)
  return rowsOf((await readView(request.services, collection, query)).map(encode))
}

/** `find` */
export const find: Handler = async request => {
  const { command, services } = request
  const ns = namespaceOf(request)
  countField(command, 'limit', 0)
  for (const name of refusedOptions) if (flag(command[name]) || isObject(command[name])) throw notSupported(`find with '${name}'`)
  if (flag(command.tailable)) throw badValue('error processing query: tailable cursor requested on non capped collection')
  const rows = await viewOr(request, ns, queryOf(request, 'filter'))
  return services.cursors.start(ns, rows, countField(command, 'batchSize', firstBatchSize), {
    single: flag(command.singleBatch),
    kept: flag(command.noCursorTimeout),
    limitMs: countField(command, 'maxTimeMS', 0),
  })
}

/** `getMore` */
export const getMore: Handler = ({ command, db, services }) => {
  const id = command.getMore
  if (typeof id !== 'bigint') throw badValue('getMore takes a cursor id')
  return services.cursors.more(
    id,
    `${db}.${String(command.collection)}`,
    countField(command, 'batchSize', 0) || Number.POSITIVE_INFINITY,
  )
}

/** `killCursors` */
export const killCursors: Handler = ({ command, services }) => {
  const ids = Array.isArray(command.cursors) ? command.cursors.map(id => BigInt(typeof id === 'bigint' ? id : toNumber(id))) : []
  const killed = ids.filter(id => services.cursors.kill(id))
  return { cursorsKilled: killed, cursorsNotFound: ids.filter(id => !killed.includes(id)), cursorsAlive: [], cursorsUnknown: [] }
}

async function eachRow(rows: Rows, limitMs: number, visit: (bytes: Buffer) => void): Promise<void> {
  const pace = new Pace(limitMs)
  for (let next = rows.next(); !next.done; next = rows.next()) {
    if (next.value !== pause) visit(next.value)
    else if (pace.due) await pace.rest()
  }
}

/** `count` */
export const count: Handler = async request => {
  const { command, services } = request
  if (request.transaction) {
    throw new StoreError(263, 'OperationNotSupportedInTransaction', "Cannot run 'count' in a multi-document transaction.")
  }
  const ns = namespaceOf(request)
  const query = queryOf(request, 'query')
  const collection = services.database.catalogue.get(ns)
  if (collection && !collection.isView && Object.keys(query.filter).length === 0) {
    const all = Math.max(0, services.database.count(collection) - query.skip)
    return { n: query.limit > 0 ? Math.min(all, query.limit) : all }
  }
  let n = 0
  await eachRow(await viewOr(request, ns, query), countField(command, 'maxTimeMS', 0), () => {
    n++
  })
  return { n }
}

/** `distinct` */
export const distinct: Handler = async request => {
  const { command } = request
  if (typeof command.key !== 'string')
    throw typeMismatch(`BSON field 'distinct.key' is the wrong type '${typeName(command.key)}', expected type 'string'`)
  const parts = pathParts(command.key)
  const query = queryOf(request, 'query')
  const { text } = query.context
  const found = new Map<string, unknown>()
  let bytes = 0
  const note = (value: unknown) => {
    if (value === undefined || Array.isArray(value)) return false
    const identity = identityOf(value)
    if (found.has(identity)) return false
    bytes += identity.length + elementBytes
    if (bytes > maxDocumentBytes) throw location(17217, 'distinct too big, 16mb cap')
    found.set(identity, value)
    return false
  }
  await eachRow(await viewOr(request, namespaceOf(request), query), countField(command, 'maxTimeMS', 0), bytes => {
    walk(decode(bytes), parts, 0, note, true)
  })
  const values = [...found.values()].sort((a, b) => compare(a, b, text))
  return { values: text ? values.filter((value, place) => place === 0 || compare(values[place - 1], value, text) !== 0) : values }
}

/** `aggregate` */
export const aggregate: Handler = async request => {
  const { command, db, services, transaction } = request
  const { pipeline } = command
  if (!Array.isArray(pipeline)) throw new StoreError(14, 'TypeMismatch', "'pipeline' option must be specified as an array")
  if (flag(command.explain)) return explain({ ...request, command: { explain: command } })
  if (command.cursor === undefined) {
    throw new StoreError(9, 'FailedToParse', "The 'cursor' option is required, except for aggregate with the explain argument")
  }
  const limitMs = countField(command, 'maxTimeMS', 0)
  const name = typeof command.aggregate === 'string' ? command.aggregate : '$cmd.aggregate'
  const rows = await runAggregate(services, {
    db,
    collection: typeof command.aggregate === 'string' ? command.aggregate : null,
    pipeline: pipeline as Doc[],
    variables: documentField(command, 'let'),
    hint: hintOf(command),
    text: compileCollation(command.collation),
    bypass: flag(command.bypassDocumentValidation),
    transaction,
    limitMs,
  })
  return services.cursors.start(
    `${db}.${name}`,
    rows,
    countField(documentField(command, 'cursor'), 'batchSize', firstBatchSize),
    { limitMs },
  )
}
