import { type Doc, pathParts } from '../bson/index.ts'
import { isNumber, isObject, toNumber } from '../bson/values.ts'
import { failedToParse, location, notSupported } from '../errors.ts'
import { compileExpression } from '../expressions/index.ts'
import { compileFilter, compileSort, valueAt } from '../match/index.ts'
import { sortPaced } from '../query/index.ts'
import { matchContext } from './context.ts'
import { type DocumentStage, documentStages } from './documents.ts'
import { bucket, bucketAuto, group, sortByCount } from './group.ts'
import { facet, graphLookup, lookup, unionWith } from './join.ts'
import { setPath } from './set-path.ts'
import { checkParts, mapPaced, type Stage, type StageCompiler } from './types.ts'

const match: StageCompiler = spec => {
  if (!isObject(spec)) throw location(15959, 'the match filter must be an expression in an object')
  return async (docs, run) => {
    const test = compileFilter(
      spec,
      matchContext(() => run.variables, run.text),
    )
    const kept = await mapPaced(docs, run, test)
    return docs.filter((_, index) => kept[index])
  }
}

const sort: StageCompiler = spec => {
  if (!isObject(spec) || Object.keys(spec).length === 0) throw location(15976, '$sort stage must have at least one sort key')
  compileSort(spec)
  return async (docs, run) => {
    const sorter = compileSort(spec, run.text)
    const keyed = await mapPaced(docs, run, doc => ({ doc, key: sorter.keyOf(doc) }))
    const sorted = await sortPaced(keyed, (a, b) => sorter.order(a.key, b.key), run.pace)
    return sorted.map(({ doc }) => doc)
  }
}

function wholeNumber(spec: unknown, name: string, least: number): number {
  const value = isNumber(spec) ? toNumber(spec) : Number.NaN
  if (!Number.isInteger(value) || value < least) throw location(15957, `invalid argument to ${name} stage: ${String(spec)}`)
  return value
}

const limit: StageCompiler = (spec, name) => {
  const most = wholeNumber(spec, name, 1)
  return docs => docs.slice(0, most)
}

const skip: StageCompiler = (spec, name) => {
  const first = wholeNumber(spec, name, 0)
  return docs => docs.slice(first)
}

const unwind: StageCompiler = (spec, name) => {
  checkParts(spec, name, ['path', 'includeArrayIndex', 'preserveNullAndEmptyArrays'])
  const options: Doc = typeof spec === 'string' ? { path: spec } : isObject(spec) ? spec : {}
  const { path, includeArrayIndex: indexField } = options
  if (typeof path !== 'string' || !path.startsWith('$'))
    throw location(28818, "path option to $unwind stage should be prefixed with a '$'")
  const field = path.slice(1)
  const parts = pathParts(field)
  const withIndex = (doc: Doc, index: bigint | null) => (typeof indexField === 'string' ? setPath(doc, indexField, index) : doc)
  return docs =>
    docs.flatMap(doc => {
      const value = valueAt(doc, parts)
      if (Array.isArray(value) && value.length > 0) {
        return value.map((item, index) => withIndex(setPath(doc, field, item), BigInt(index)))
      }
      const empty = value === undefined || value === null || Array.isArray(value)
      if (!empty) return [withIndex(doc, null)]
      if (options.preserveNullAndEmptyArrays !== true) return []
      if (!Array.isArray(value)) return [withIndex(doc, null)]
      const rest = documentStages.$unset?.(field, '$unset')(doc, {}) ?? doc
      return [withIndex(rest, null)]
    })
}

const count: StageCompiler = spec => {
  if (typeof spec !== 'string' || spec === '' || spec.startsWith('$') || spec.includes('.')) {
    throw location(40156, 'the count field must be a non-empty string')
  }
  return docs => (docs.length > 0 ? [{ [spec]: docs.length }] : [])
}

const sample: StageCompiler = (spec, name) => {
  checkParts(spec, name, ['size'])
  const size = wholeNumber(isObject(spec) ? spec.size : undefined, name, 1)
  return docs =>
    docs
      .map(doc => ({ doc, order: Math.random() }))
      .sort((a, b) => a.order - b.order)
      .slice(0, size)
      .map(({ doc }) => doc)
}

const documents: StageCompiler = spec => (_docs, run) => {
  const list = compileExpression(spec)({}, run.variables)
  if (!Array.isArray(list) || !list.every(isObject)) throw location(5858203, 'an array of documents is expected')
  return list
}

// There is one user: all sessions are his (manual: "$listLocalSessions").
const listLocalSessions: StageCompiler = (spec, name) => {
  checkParts(spec, name, ['allUsers'])
  return (_docs, run) => run.listSessions()
}

const eachDocument =
  (compile: DocumentStage): StageCompiler =>
  (spec, name) => {
    const change = compile(spec, name)
    return (docs, run) => mapPaced(docs, run, doc => change(doc, run.variables))
  }

/** Every stage by name, except those that end a pipeline by writing. */
export const stages: Readonly<Record<string, StageCompiler>> = {
  ...Object.fromEntries(Object.entries(documentStages).map(([name, compile]) => [name, eachDocument(compile)])),
  $match: match,
  $sort: sort,
  $limit: limit,
  $skip: skip,
  $unwind: unwind,
  $count: count,
  $sample: sample,
  $documents: documents,
  $listLocalSessions: listLocalSessions,
  $group: group,
  $bucket: bucket,
  $bucketAuto: bucketAuto,
  $sortByCount: sortByCount,
  $lookup: lookup,
  $graphLookup: graphLookup,
  $unionWith: unionWith,
  $facet: facet,
}

const knownElsewhere = new Set([
  '$changeStream',
  '$geoNear',
  '$search',
  '$searchMeta',
  '$vectorSearch',
  '$densify',
  '$fill',
  '$setWindowFields',
  '$redact',
  '$indexStats',
  '$collStats',
  '$currentOp',
  '$listSessions',
  '$planCacheStats',
])

/** Compiles one stage. @throws StoreError 40323, 40324, 115 */
export function compileStage(spec: Doc): Stage {
  const names = Object.keys(spec)
  const [name] = names
  if (name === undefined || names.length !== 1) {
    throw location(40323, 'A pipeline stage specification object must contain exactly one field.')
  }
  if (name === '$out' || name === '$merge') throw location(40601, `${name} can only be the final stage in the pipeline`)
  const compile = stages[name]
  if (compile) return compile(spec[name], name)
  if (knownElsewhere.has(name)) throw notSupported(name)
  throw location(40324, `Unrecognized pipeline stage name: '${name}'`)
}

/** Compiles a pipeline for single documents, as updates use it. @throws StoreError 9 for any other stage */
export function compileUpdatePipeline(pipeline: Doc[]): ((doc: Doc, variables: Doc) => Doc)[] {
  return pipeline.map(spec => {
    const [name = ''] = Object.keys(spec)
    const compile = documentStages[name]
    if (!compile) throw failedToParse(`${name} is not allowed to be used within an update`)
    return compile(spec[name], name)
  })
}
