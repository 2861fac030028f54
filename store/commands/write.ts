import { type Doc, decode, encode } from '../bson/index.ts'
import { isNumber, toNumber } from '../bson/values.ts'
import { failedToParse, StoreError } from '../errors.ts'
import { compileProjection } from '../match/index.ts'
import {
  deleteStatement,
  insertOne,
  StatementRun,
  type UpdateResult,
  updateStatement,
  type WriteContext,
} from '../query/index.ts'
import { checkStatementFields } from './fields.ts'
import { documentField, flag, type Handler, hintOf, listField, namespaceOf, paceOf, type Request } from './request.ts'
import { type Done, runSingle, runStatements, type Tally } from './statements.ts'
import { type Own, readUpdate, writeContexts } from './write-context.ts'

/** Statements come in the command or, more often, as a sequence beside it. */
function statementsOf(request: Request, name: string): Doc[] {
  const sequence = request.sequences.get(name)
  const statements = sequence ? sequence.map(bytes => decode(bytes)) : listField(request.command, name)
  if (!statements || statements.length === 0) throw failedToParse(`BSON field '${request.name}.${name}' is missing or empty`)
  for (const statement of statements) checkStatementFields(name, statement)
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
  const pace = paceOf(request)
  const write = writeContexts(request, pace)({})
  return runStatements(request, {
    count: documents.length,
    pace,
    each: index => {
      insertOne(write, ns, documents[index] as Buffer)
      return { n: 1 }
    },
    replyOf: tally => ({ n: tally.n, ...errorsOf(tally) }),
  })
}

const doneOf = (result: UpdateResult | null): Done | null =>
  result && {
    n: result.n,
    nModified: result.nModified,
    ...(result.upserted === undefined ? {} : { upserted: result.upserted }),
  }

const updateNames = { query: 'q', update: 'u' }

type Statement = { ns: string; statement: Doc; write: (own: Own) => WriteContext; run: StatementRun }

function runEach(
  request: Request,
  name: 'updates' | 'deletes',
  each: (statement: Statement) => Done | null,
  replyOf: (tally: Tally) => Doc,
): Promise<Doc> {
  const ns = namespaceOf(request)
  const statements = statementsOf(request, name)
  checkBatch(statements.length)
  const pace = paceOf(request)
  const write = writeContexts(request, pace)
  const runs = statements.map(() => new StatementRun())
  return runStatements(request, {
    count: statements.length,
    pace,
    each: index => each({ ns, statement: statements[index] as Doc, write, run: runs[index] as StatementRun }),
    replyOf,
  })
}

/** `update` */
export const update: Handler = request =>
  runEach(
    request,
    'updates',
    ({ ns, statement, write, run }) => {
      const context = write({ variables: statement.c, collation: statement.collation })
      return doneOf(updateStatement(context, ns, readUpdate(statement, updateNames), run))
    },
    tally => ({
      n: tally.n,
      nModified: tally.nModified,
      ...(tally.upserted.length > 0 ? { upserted: tally.upserted } : {}),
      ...errorsOf(tally),
    }),
  )

/** `delete` */
export const remove: Handler = request =>
  runEach(
    request,
    'deletes',
    ({ ns, statement, write, run }) => {
      const { limit, collation } = statement
      if (!isNumber(limit) || ![0, 1].includes(toNumber(limit)))
        throw failedToParse(`The limit field in delete objects must be 0 or 1. Got ${String(limit)}`)
      const query = documentField(statement, 'q')
      const spec = { query, multi: toNumber(limit) === 0, sort: {}, hint: hintOf(statement) }
      return deleteStatement(write({ collation }), ns, spec, run)
    },
    tally => ({ n: tally.n, ...errorsOf(tally) }),
  )

function checkFindAndModify(command: Doc): void {
  const removing = flag(command.remove)
  if (removing && command.update !== undefined) throw failedToParse('Cannot specify both an update and remove=true')
  if (!removing && command.update === undefined) throw failedToParse('Either an update or remove=true must be specified')
  if (removing && flag(command.upsert)) throw failedToParse('Cannot specify both upsert=true and remove=true')
  if (removing && flag(command.new))
    throw failedToParse("Cannot specify both new=true and remove=true; 'remove' always returns the deleted document")
}

/** `findAndModify` */
export const findAndModify: Handler = request => {
  const { command } = request
  const ns = namespaceOf(request)
  checkFindAndModify(command)
  const query = documentField(command, 'query')
  const pace = paceOf(request)
  const write = writeContexts(request, pace)({ collation: command.collation })
  const fields = documentField(command, 'fields')
  const project = Object.keys(fields).length > 0 ? compileProjection(fields, query, write.context) : null
  const show = (bytes: Buffer | undefined): unknown => (bytes ? (project ? project(decode(bytes)) : decode(bytes)) : null)
  const run = new StatementRun()
  return runSingle(request, pace, () => {
    if (flag(command.remove)) {
      const target = { query, sort: documentField(command, 'sort'), hint: hintOf(command), multi: false }
      const removed = deleteStatement(write, ns, target, run)
      return removed && { lastErrorObject: { n: removed.n }, value: show(removed.before) }
    }
    const statement = readUpdate(command, { query: 'query', update: 'update' })
    const result = updateStatement(write, ns, { ...statement, multi: false }, run)
    if (!result) return null
    const upserted = result.upserted === undefined ? {} : { upserted: result.upserted }
    const lastErrorObject = { n: result.n, updatedExisting: result.n > 0 && result.upserted === undefined, ...upserted }
    return { lastErrorObject, value: show(flag(command.new) ? result.after : result.before) }
  })
}
