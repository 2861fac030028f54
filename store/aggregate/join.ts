import { type Doc, identityOf, pathParts } from '../bson/index.ts'
import { isNullish, isObject, isRegex, toNumber, typeName } from '../bson/values.ts'
import { failedToParse, location } from '../errors.ts'
import { compileExpression, fieldPath } from '../expressions/index.ts'
import { walk } from '../match/index.ts'
import { setPath } from './set-path.ts'
import { checkParts, type Run, type Stage, type StageCompiler } from './types.ts'

function localValues(doc: Doc, parts: string[]): unknown[] {
  const values: unknown[] = []
  walk(
    doc,
    parts,
    0,
    value => {
      if (Array.isArray(value)) values.push(...value)
      else values.push(value ?? null)
      return false
    },
    false,
  )
  return values.length > 0 ? values : [null]
}

/** Foreign documents by value, for joins that no index serves. */
type Lookup = Map<string, Doc[]>

async function byValue(run: Run, from: string, foreignField: string): Promise<Lookup> {
  const parts = pathParts(foreignField)
  const map: Lookup = new Map()
  for (const doc of await run.pipeline(from, [], {})) {
    const keys = new Set<string>()
    walk(
      doc,
      parts,
      0,
      value => {
        if (!Array.isArray(value)) keys.add(identityOf(value ?? null))
        return false
      },
      true,
    )
    for (const key of keys) {
      const list = map.get(key)
      if (list) list.push(doc)
      else map.set(key, [doc])
    }
  }
  return map
}

function hasIndexOn(run: Run, from: string, field: string): boolean {
  const collection = run.database.catalogue.get(`${run.db}.${from}`)
  return (
    !!collection &&
    !collection.isView &&
    run.database.plan(collection, { [field]: { $in: ['x', 'y'] } }, {}, undefined).index !== null
  )
}

/** `$lookup`, with fields, with a pipeline, or with both (manual: "$lookup"). */
export const lookup: StageCompiler = (spec, name) => {
  checkParts(spec, name, ['from', 'as', 'localField', 'foreignField', 'let', 'pipeline'])
  if (!isObject(spec)) throw failedToParse(`the $lookup specification must be an Object, not ${typeName(spec)}`)
  const { from, as, localField, foreignField } = spec
  if (typeof as !== 'string') throw failedToParse("must specify 'as' field for a $lookup")
  if (from !== undefined && typeof from !== 'string') throw failedToParse("$lookup argument 'from' must be a string")
  if ((localField === undefined) !== (foreignField === undefined)) {
    throw failedToParse('$lookup requires both or neither of localField and foreignField to be specified')
  }
  if (localField === undefined && !Array.isArray(spec.pipeline))
    throw failedToParse("$lookup requires either 'pipeline' or both 'localField' and 'foreignField'")
  const stages = (spec.pipeline ?? []) as Doc[]
  const bindings = Object.entries(isObject(spec.let) ? spec.let : {}).map(([name, value]) => ({
    name,
    evaluate: compileExpression(value),
  }))
  const parts = typeof localField === 'string' ? pathParts(localField) : null
  return async (docs, run) => {
    const usesMap =
      parts && typeof from === 'string' && stages.length === 0 && docs.length > 4 && !hasIndexOn(run, from, String(foreignField))
    const map = usesMap ? await byValue(run, from, String(foreignField)) : null
    const out: Doc[] = []
    for (const doc of docs) {
      if (run.pace.due) await run.pace.rest()
      if (map && parts) {
        const found = new Set(localValues(doc, parts).flatMap(value => map.get(identityOf(value)) ?? []))
        out.push(setPath(doc, as, [...found]))
        continue
      }
      const variables: Record<string, unknown> = { ...run.variables }
      for (const { name, evaluate } of bindings) variables[name] = evaluate(doc, run.variables) ?? null
      const values = parts ? localValues(doc, parts).map(value => (isRegex(value) ? null : value)) : null
      const first = values ? [{ $match: { [String(foreignField)]: { $in: values } } }] : []
      out.push(setPath(doc, as, await run.pipeline(from ?? null, [...first, ...stages], variables)))
    }
    return out
  }
}

const graphParts = 'from as startWith connectFromField connectToField depthField maxDepth restrictSearchWithMatch'.split(' ')

/** `$graphLookup` */
export const graphLookup: StageCompiler = (spec, name) => {
  checkParts(spec, name, graphParts)
  if (!isObject(spec) || typeof spec.from !== 'string' || typeof spec.as !== 'string')
    throw failedToParse("$graphLookup needs 'from' and 'as'")
  const { from, as, depthField } = spec
  const startWith = compileExpression(spec.startWith)
  const [connectFrom, connectTo] = [pathParts(String(spec.connectFromField)), String(spec.connectToField)]
  const most = isNullish(spec.maxDepth) ? Number.POSITIVE_INFINITY : toNumber(spec.maxDepth)
  const restrict = isObject(spec.restrictSearchWithMatch) ? [spec.restrictSearchWithMatch] : []
  return async (docs, run) => {
    const out: Doc[] = []
    for (const doc of docs) {
      const found = new Map<string, Doc>()
      let front = [startWith(doc, run.variables)].flat()
      for (let depth = 0; front.length > 0 && depth <= most; depth++) {
        const query = { $and: [{ [connectTo]: { $in: front } }, ...restrict] }
        const reached = (await run.pipeline(from, [{ $match: query }], {})).filter(other => !found.has(identityOf(other._id)))
        for (const other of reached) {
          found.set(identityOf(other._id), typeof depthField === 'string' ? { ...other, [depthField]: BigInt(depth) } : other)
        }
        front = reached.flatMap(other => [fieldPath(other, connectFrom)].flat()).filter(value => !isNullish(value))
      }
      out.push(setPath(doc, as, [...found.values()]))
    }
    return out
  }
}

/** `$unionWith` */
export const unionWith: StageCompiler = (spec, name) => {
  checkParts(spec, name, ['coll', 'pipeline'])
  const { coll, pipeline = [] } = typeof spec === 'string' ? { coll: spec } : (spec as { coll?: string; pipeline?: Doc[] })
  if (coll === undefined && !Array.isArray(pipeline)) throw failedToParse('$unionWith needs a collection or a pipeline')
  const stage: Stage = async (docs, run) => [...docs, ...(await run.pipeline(coll ?? null, pipeline, run.variables))]
  return stage
}

/** `$facet` */
export const facet: StageCompiler = spec => {
  if (!isObject(spec) || Object.keys(spec).length === 0)
    throw location(40169, 'the $facet specification must be a non-empty object')
  for (const stages of Object.values(spec))
    if (!Array.isArray(stages)) throw location(40170, 'arguments to $facet must be arrays')
  return async (docs, run) => {
    const out: Doc = {}
    for (const [name, stages] of Object.entries(spec)) out[name] = await run.pipeline(null, stages as Doc[], run.variables, docs)
    return [out]
  }
}
