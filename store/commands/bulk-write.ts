import { type Doc, decode, encode } from '../bson/index.ts'
import { isNumber, isObject, toNumber } from '../bson/values.ts'
import { badValue, failedToParse } from '../errors.ts'
import { deleteStatement, insertOne, rowsOf, updateStatement, type WriteContext } from '../query/index.ts'
import { checkStatementFields } from './fields.ts'
import { countField, documentField, flag, type Handler, hintOf, listField, paceOf, type Request } from './request.ts'
import { type Done, runStatements, type Tally } from './statements.ts'
import { readUpdate, writeContexts } from './write-context.ts'

type Kind = 'insert' | 'update' | 'delete'
type Operation = { kind: Kind; ns: string; spec: Doc }

const maxOperations = 100_000

function list(request: Request, name: string): Doc[] {
  const sequence = request.sequences.get(name)
  return sequence ? sequence.map(bytes => decode(bytes)) : (listField(request.command, name) ?? [])
}

function readOperations(request: Request): Operation[] {
  const namespaces = list(request, 'nsInfo').map(({ ns }) => {
    if (typeof ns !== 'string') throw failedToParse("BSON field 'bulkWrite.nsInfo.ns' is missing but a required field")
    return ns
  })
  const operations = list(request, 'ops').map((spec): Operation => {
    const kind = Object.keys(spec)[0]
    if (kind !== 'insert' && kind !== 'update' && kind !== 'delete')
      throw failedToParse(`Unrecognized bulkWrite operation: ${kind}`)
    checkStatementFields(`${kind}Op`, spec)
    const place = toNumber(spec[kind])
    const ns = namespaces[place]
    if (!isNumber(spec[kind]) || ns === undefined) throw badValue(`BulkWrite ops entry has an invalid nsInfo index: ${place}`)
    return { kind, ns, spec }
  })
  if (operations.length < 1 || operations.length > maxOperations)
    throw failedToParse(`Write batch sizes must be between 1 and ${maxOperations}. Got ${operations.length} operations.`)
  return operations
}

function perform(write: WriteContext, { kind, ns, spec }: Operation, changed: Set<number>): Done {
  if (kind === 'insert') {
    if (!isObject(spec.document)) throw failedToParse("BSON field 'bulkWrite.ops.document' is missing but a required field")
    insertOne(write, ns, encode(spec.document))
    return { n: 1 }
  }
  if (kind === 'update') return updateStatement(write, ns, readUpdate(spec, { query: 'filter', update: 'updateMods' }), changed)
  const query = documentField(spec, 'filter')
  return { n: deleteStatement(write, ns, { query, multi: flag(spec.multi), sort: {}, hint: hintOf(spec) }).n }
}

function rowOf(index: number, kind: Kind, { n, nModified, upserted }: Done): Doc {
  return {
    ok: 1,
    idx: index,
    n,
    ...(kind === 'update' ? { nModified } : {}),
    ...(upserted === undefined ? {} : { upserted: { _id: upserted } }),
  }
}

function summary(tally: Tally, operations: Operation[], errorsOnly: boolean): Doc {
  const counts = { nErrors: tally.writeErrors.length, nInserted: 0, nMatched: 0, nModified: 0, nUpserted: 0, nDeleted: 0 }
  for (const { idx, n, nModified, upserted } of tally.rows) {
    const kind = operations[Number(idx)]?.kind
    if (kind === 'insert') counts.nInserted += Number(n)
    else if (kind === 'delete') counts.nDeleted += Number(n)
    else if (upserted) counts.nUpserted++
    else {
      counts.nMatched += Number(n)
      counts.nModified += Number(nModified)
    }
  }
  const failures = tally.writeErrors.map(({ index, ...error }): Doc => ({ ok: 0, idx: index, ...error, n: 0 }))
  const rows = errorsOnly ? failures : [...tally.rows, ...failures].sort((a, b) => Number(a.idx) - Number(b.idx))
  return { ...counts, rows }
}

/** `bulkWrite`: statements on several collections (manual: "bulkWrite"). What each did comes through a cursor. */
export const bulkWrite: Handler = async request => {
  const { command, services } = request
  const operations = readOperations(request)
  const pace = paceOf(request)
  const contextOf = writeContexts(request, pace)
  const changed = operations.map(() => new Set<number>())
  const { rows, ...counts } = await runStatements(request, {
    count: operations.length,
    pace,
    each: index => {
      const operation = operations[index] as Operation
      const write = contextOf({ variables: operation.spec.constants, collation: operation.spec.collation })
      const done = perform(write, operation, changed[index] as Set<number>)
      return { n: done.n, row: rowOf(index, operation.kind, done) }
    },
    replyOf: tally => summary(tally, operations, flag(command.errorsOnly)),
  })
  if (counts.nErrors !== 0) request.session?.abort()
  const batchSize = countField(documentField(command, 'cursor'), 'batchSize', Number.POSITIVE_INFINITY)
  const cursor = await services.cursors.start('admin.$cmd.bulkWrite', rowsOf((rows as Doc[]).map(encode)), batchSize)
  return { ...cursor, ...counts }
}
