import { compilersFor, runUpdatePipeline } from '../aggregate/index.ts'
import { type Doc, decode, encode } from '../bson/index.ts'
import { isNumber, isObject, toNumber, typeName } from '../bson/values.ts'
import { failedToParse, StoreError, typeMismatch } from '../errors.ts'
import { compileProjection } from '../match/index.ts'
import {
  deleteStatement,
  insertOne,
  type UpdateResult,
  type UpdateStatement,
  updateStatement,
  type WriteContext,
} from '../query/index.ts'
import { documentField, flag, type Handler, listField, namespaceOf, type Request, refuseCollation } from './request.ts'
import { type Done, runSingle, runStatements, type Tally } from './statements.ts'

function writeContext(request: Request, variables?: Doc): WriteContext {
  const { database, nowMs } = request.services
  const context = compilersFor(nowMs, variables)
  return {
    database,
    context,
    transaction: request.transaction,
    nowMs,
    pipeline: (stages, doc) => runUpdatePipeline(stages, doc, nowMs, variables),
  }
}

/** Statements come in the command or, more often, as a sequence beside it. */
function statementsOf(request: Request, name: string): Doc[] {
  const sequence = request.sequences.get(name)
  const statements = sequence ? sequence.map(bytes => decode(bytes)) : listField(request.command, name)
  if (!statements || statements.length === 0) throw failedToParse(`BSON field '${request.name}.${name}' is missing or empty`)
  for (const statement of statements) refuseCollation(statement)
  return statements
}

const maxBatch = 100_000

function checkBatch(count: number): void {
  if (count < 1 || count > maxBatch) {
    throw new StoreError(16, 'InvalidLength', `Write batch sizes must be between 1 and ${maxBatch}. Got ${count} operations.`)
  }
}

const errorsOf = (tally: Tally): Doc => (tally.writeErrors.length > 0 ? { writeErrors: tally.writeErrors } : {})

/** `insert` */
export const insert: Handler = request => {
  const ns = namespaceOf(request)
  const documents = request.sequences.get('documents') ?? (listField(request.command, 'documents') ?? []).map(encode)
  checkBatch(documents.length)
  const write = writeContext(request)
  return runStatements(
    request,
    documents.length,
    flag(request.command.ordered, true),
    index => {
      insertOne(write, ns, documents[index] as Buffer)
      return { n: 1 }
    },
    tally => ({ n: tally.n, ...errorsOf(tally) }),
  )
}

function readUpdate(statement: Doc): UpdateStatement {
  const { u } = statement
  if (!isObject(u) && !(Array.isArray(u) && u.every(isObject))) {
    throw failedToParse(`Update argument must be either an object or an array, not ${typeName(u)}`)
  }
  return {
    query: documentField(statement, 'q'),
    update: u,
    multi: flag(statement.multi),
    upsert: flag(statement.upsert),
    arrayFilters: listField(statement, 'arrayFilters'),
    sort: documentField(statement, 'sort'),
    hint: statement.hint,
  }
}

const variablesOf = (command: Doc, own: unknown): Doc | undefined => {
  const spec = own ?? command.let
  return isObject(spec) ? spec : undefined
}

const doneOf = (result: UpdateResult): Done => ({
  n: result.n,
  nModified: result.nModified,
  ...(result.upserted === undefined ? {} : { upserted: result.upserted }),
})

/** `update` */
export const update: Handler = request => {
  const ns = namespaceOf(request)
  const statements = statementsOf(request, 'updates')
  checkBatch(statements.length)
  const plain = writeContext(request, variablesOf(request.command, undefined))
  const changed = statements.map(() => new Set<number>())
  return runStatements(
    request,
    statements.length,
    flag(request.command.ordered, true),
    index => {
      const statement = statements[index] as Doc
      const write = statement.c === undefined ? plain : writeContext(request, variablesOf(request.command, statement.c))
      return doneOf(updateStatement(write, ns, readUpdate(statement), changed[index] as Set<number>))
    },
    tally => ({
      n: tally.n,
      nModified: tally.nModified,
      ...(tally.upserted.length > 0 ? { upserted: tally.upserted } : {}),
      ...errorsOf(tally),
    }),
  )
}

/** `delete` */
export const remove: Handler = request => {
  const ns = namespaceOf(request)
  const statements = statementsOf(request, 'deletes')
  checkBatch(statements.length)
  const write = writeContext(request, variablesOf(request.command, undefined))
  return runStatements(
    request,
    statements.length,
    flag(request.command.ordered, true),
    index => {
      const statement = statements[index] as Doc
      if (!isNumber(statement.limit)) throw failedToParse('The limit field in delete objects must be 0 or 1. Got none')
      const { n } = deleteStatement(write, ns, {
        query: documentField(statement, 'q'),
        multi: toNumber(statement.limit) !== 1,
        sort: {},
        hint: statement.hint,
      })
      return { n }
    },
    tally => ({ n: tally.n, ...errorsOf(tally) }),
  )
}

function checkFindAndModify(command: Doc): void {
  const removing = flag(command.remove)
  if (removing && command.update !== undefined) throw failedToParse('Cannot specify both an update and remove=true')
  if (!removing && command.update === undefined) throw failedToParse('Either an update or remove=true must be specified')
  if (removing && flag(command.upsert)) throw failedToParse('Cannot specify both upsert=true and remove=true')
  if (removing && flag(command.new))
    throw failedToParse("Cannot specify both new=true and remove=true; 'remove' always returns the deleted document")
  if (!removing && !isObject(command.update) && !Array.isArray(command.update))
    throw typeMismatch('update must be an object or an array')
}

/** `findAndModify` */
export const findAndModify: Handler = request => {
  const { command } = request
  const ns = namespaceOf(request)
  checkFindAndModify(command)
  refuseCollation(command)
  const query = documentField(command, 'query')
  const write = writeContext(request, variablesOf(command, undefined))
  const fields = documentField(command, 'fields')
  const project = Object.keys(fields).length > 0 ? compileProjection(fields, query, write.context) : null
  const show = (bytes: Buffer | undefined): unknown => (bytes ? (project ? project(decode(bytes)) : decode(bytes)) : null)
  const changed = new Set<number>()
  const each = (): Doc => {
    const shared = { query, sort: documentField(command, 'sort'), hint: command.hint }
    if (flag(command.remove)) {
      const { n, before } = deleteStatement(write, ns, { ...shared, multi: false })
      return { lastErrorObject: { n }, value: show(before) }
    }
    const statement: UpdateStatement = {
      ...shared,
      update: command.update as Doc | Doc[],
      multi: false,
      upsert: flag(command.upsert),
      arrayFilters: listField(command, 'arrayFilters'),
    }
    const result = updateStatement(write, ns, statement, changed)
    const upserted = result.upserted === undefined ? {} : { upserted: result.upserted }
    const lastErrorObject = { n: result.n, updatedExisting: result.n > 0 && result.upserted === undefined, ...upserted }
    return { lastErrorObject, value: show(flag(command.new) ? result.after : result.before) }
  }
  return runSingle(request, each)
}
