import { type Doc, decode, encode, type TextOrder } from '../bson/index.ts'
import { isNumber, isObject, toNumber } from '../bson/values.ts'
import type { Collection, Database, Transaction } from '../data/index.ts'
import { location } from '../errors.ts'
import { compileExpression, type Variables } from '../expressions/index.ts'
import type { MatchContext } from '../match/index.ts'
import { find, Pace, pause, type Query, type Rows, rowsOf } from '../query/index.ts'
import { checkCollated, matchContext } from './context.ts'
import { sinkOf, writeSink } from './sink.ts'
import { compileStage, compileUpdatePipeline } from './stages.ts'
import type { Run } from './types.ts'

/** What aggregation needs of the server. */
export type Environment = { database: Database; nowMs: () => number; listSessions: () => Doc[] }

/** One aggregate command. */
export type Aggregation = {
  db: string
  /** null: the pipeline makes its own documents. */
  collection: string | null
  pipeline: Doc[]
  /** `let` of the command. */
  variables: Doc
  hint: unknown
  transaction: Transaction | null
  limitMs: number
  /** The order of texts when the command asks for a collation. */
  text: TextOrder | undefined
  /** `$out` and `$merge` do not ask the target's validator. */
  bypass: boolean
}

function evaluateLet(spec: Doc, nowMs: () => number): Variables {
  const base = { NOW: new Date(nowMs()) }
  return {
    ...base,
    ...Object.fromEntries(Object.entries(spec).map(([name, value]) => [name, compileExpression(value)({}, base) ?? null])),
  }
}

/** What filters and projections use to compile expressions, with the variables of `let`, and to order texts. */
export function compilersFor(nowMs: () => number, letSpec: Doc = {}, text?: TextOrder): MatchContext {
  let variables: Variables | null = null
  return matchContext(() => {
    variables ??= evaluateLet(letSpec, nowMs)
    return variables
  }, text)
}

/** Applies an update given as a pipeline to one document. */
export function runUpdatePipeline(pipeline: Doc[], doc: Doc, nowMs: () => number, letSpec: Doc = {}): Doc {
  const variables = evaluateLet(letSpec, nowMs)
  return compileUpdatePipeline(pipeline).reduce((current, stage) => stage(current, variables as Doc), doc)
}

type Source = { query: Pick<Query, 'filter' | 'sort' | 'skip' | 'limit'>; rest: Doc[] }

// What the start of a pipeline shares with `find` is answered by it: there the indexes are.
function pushDown(pipeline: Doc[]): Source {
  const query = { filter: {} as Doc, sort: {} as Doc, skip: 0, limit: 0 }
  let used = 0
  const next = (name: string) =>
    pipeline[used] && Object.keys(pipeline[used] as Doc).join() === name ? (pipeline[used] as Doc)[name] : undefined
  const positive = (value: unknown, least: number) =>
    isNumber(value) && Number.isInteger(toNumber(value)) && toNumber(value) >= least
  const match = next('$match')
  if (isObject(match)) {
    query.filter = match
    used++
  }
  const sort = next('$sort')
  if (isObject(sort) && Object.keys(sort).length > 0) {
    query.sort = sort
    used++
  }
  const skip = next('$skip')
  if (positive(skip, 0)) {
    query.skip = toNumber(skip)
    used++
  }
  const limit = next('$limit')
  if (positive(limit, 1)) {
    query.limit = toNumber(limit)
    used++
  }
  return { query, rest: pipeline.slice(used) }
}

function resolveView(
  database: Database,
  db: string,
  name: string,
  pipeline: Doc[],
): { collection: Collection | undefined; pipeline: Doc[] } {
  const collection = database.catalogue.get(`${db}.${name}`)
  if (!collection?.isView) return { collection, pipeline }
  const own = (collection.options.pipeline ?? []) as Doc[]
  return resolveView(database, db, String(collection.options.viewOn), [...own, ...pipeline])
}

async function collect(rows: Iterable<Buffer | typeof pause>, pace: Pace): Promise<Doc[]> {
  const docs: Doc[] = []
  for (const row of rows) {
    if (row !== pause) docs.push(decode(row))
    else if (pace.due) await pace.rest()
  }
  return docs
}

type Context = Environment & {
  db: string
  transaction: Transaction | null
  pace: Pace
  hint: unknown
  text: TextOrder | undefined
}

function queryIn(context: Context, source: Source, variables: Variables): Query {
  const { hint, transaction, text } = context
  return { ...source.query, projection: {}, hint, context: matchContext(() => variables, text), transaction }
}

async function runStages(context: Context, pipeline: Doc[], docs: Doc[], variables: Variables): Promise<Doc[]> {
  if (context.text) checkCollated(pipeline)
  const compiled = pipeline.map(compileStage)
  const run: Run = {
    ...context,
    variables,
    pipeline: (name, stages, inner, source) =>
      runPipeline({ ...context, hint: undefined }, name, stages, { ...variables, ...inner }, source),
  }
  let current = docs
  for (const stage of compiled) {
    current = await stage(current, run)
    if (context.pace.due) await context.pace.rest()
  }
  return current
}

async function runPipeline(
  context: Context,
  name: string | null,
  pipeline: Doc[],
  variables: Variables,
  given?: Doc[],
): Promise<Doc[]> {
  if (name === null) return runStages(context, pipeline, given ?? [], variables)
  const { collection, pipeline: stages } = resolveView(context.database, context.db, name, pipeline)
  const source = pushDown(stages)
  for (const stage of source.rest) compileStage(stage)
  const docs = await collect(find(context.database, collection, queryIn(context, source, variables)), context.pace)
  return runStages(context, source.rest, docs, variables)
}

// countDocuments() of the driver: $match, then one group that counts.
function countField(stage: Doc | undefined): { id: unknown; name: string } | null {
  const spec = stage?.$group
  if (!isObject(spec)) return null
  const { _id: id, ...fields } = spec
  const [entry, ...others] = Object.entries(fields)
  const constant = id === null || isNumber(id)
  return entry && others.length === 0 && constant && isObject(entry[1]) && entry[1].$sum === 1 ? { id, name: entry[0] } : null
}

/** Runs an aggregate command; its documents come encoded. */
export async function aggregate(environment: Environment, command: Aggregation): Promise<Rows> {
  const { database, nowMs, listSessions } = environment
  const { db, transaction, text } = command
  for (const stage of command.pipeline)
    if (!isObject(stage)) throw location(40323, 'Each element of the pipeline array must be an object')
  const variables = evaluateLet(command.variables, nowMs)
  const pace = new Pace(command.limitMs)
  const context: Context = { database, nowMs, listSessions, db, transaction, pace, hint: command.hint, text }
  const sink = sinkOf(command.pipeline)
  const pipeline = sink ? command.pipeline.slice(0, -1) : command.pipeline
  if (command.collection !== null && !sink) {
    const resolved = resolveView(database, db, command.collection, pipeline)
    const source = pushDown(resolved.pipeline)
    const rows = () => find(database, resolved.collection, queryIn(context, source, variables))
    if (source.rest.length === 0) return rows()
    const counted = source.rest.length === 1 ? countField(source.rest[0]) : null
    if (counted) {
      let n = 0
      for (const row of rows()) {
        if (row !== pause) n++
        else if (context.pace.due) await context.pace.rest()
      }
      return rowsOf(n > 0 ? [encode({ _id: counted.id, [counted.name]: n })] : [])
    }
  }
  const docs = await runPipeline(context, command.collection, pipeline, variables)
  if (!sink) return rowsOf(encodeEach(docs))
  await writeSink(sink, docs, db, letSpec => ({
    database,
    context: compilersFor(nowMs, letSpec),
    transaction,
    nowMs,
    bypass: command.bypass,
    pace: context.pace,
    pipeline: (stages, doc) => runUpdatePipeline(stages, doc, nowMs, letSpec),
  }))
  return rowsOf([])
}

function* encodeEach(docs: Doc[]): Generator<Buffer> {
  for (const doc of docs) yield encode(doc)
}

/** Reads a view as a query does. */
export async function readView(environment: Environment, view: Collection, query: Query): Promise<Doc[]> {
  const optional = (name: string, spec: Doc): Doc[] => (Object.keys(spec).length > 0 ? [{ [name]: spec }] : [])
  const pipeline: Doc[] = [
    ...optional('$match', query.filter),
    ...optional('$sort', query.sort),
    ...(query.skip > 0 ? [{ $skip: query.skip }] : []),
    ...(query.limit > 0 ? [{ $limit: query.limit }] : []),
    ...optional('$project', query.projection),
  ]
  const context: Context = {
    ...environment,
    db: view.db,
    transaction: query.transaction,
    pace: new Pace(0),
    hint: undefined,
    text: query.context.text,
  }
  return runPipeline(context, view.name, pipeline, evaluateLet({}, environment.nowMs))
}
