import { type Doc, encode, pathParts } from '../bson/index.ts'
import { has, isObject } from '../bson/values.ts'
import { badValue, failedToParse, location, namespaceNotFound, StoreError } from '../errors.ts'
import { valueAt } from '../match/index.ts'
import {
  inSlices,
  insertOne,
  Pace,
  StatementRun,
  type UpdateStatement,
  updateStatement,
  type WriteContext,
} from '../query/index.ts'
import { checkParts } from './types.ts'

type Target = { ns: string }

const sliceMs = 10

function targetOf(into: unknown, db: string): Target {
  if (typeof into === 'string') return { ns: `${db}.${into}` }
  if (isObject(into) && typeof into.coll === 'string') return { ns: `${String(into.db ?? db)}.${into.coll}` }
  throw failedToParse('the target of $out or $merge must be a collection')
}

// Written beside what is there, which it replaces when it is complete (manual: "$out", Replace Existing Collection).
async function replaceCollection(write: WriteContext, { ns }: Target, docs: Doc[], pace: Pace): Promise<void> {
  const { database } = write
  const { catalogue } = database
  const draft = await database.write(() => {
    const old = catalogue.get(ns)
    const made = catalogue.createDraft(ns, old?.options ?? {})
    for (const { name, meta } of old?.indexes ?? []) if (name !== '_id_') catalogue.addIndex(made, meta.spec)
    return made
  })
  let next = 0
  const fill = (): true | null => {
    const endMs = performance.now() + sliceMs
    if (draft.dropped) throw namespaceNotFound(`${ns} was dropped`)
    for (; next < docs.length; next++) {
      if (performance.now() > endMs) return null
      insertOne(write, draft.ns, encode(docs[next] as Doc))
    }
    const old = catalogue.get(ns)
    if (old) catalogue.drop(old)
    catalogue.rename(draft, ns)
    return true
  }
  try {
    await inSlices(database, pace, fill)
  } catch (error) {
    await database.write(() => {
      if (!draft.dropped) catalogue.drop(draft)
    })
    throw error
  }
}

// Gives false when there is more to do.
function mergeOne(write: WriteContext, { ns }: Target, spec: Doc, doc: Doc, run: StatementRun): boolean {
  const on = (spec.on === undefined ? ['_id'] : [spec.on].flat()).map(String)
  const [whenMatched, whenNotMatched] = [spec.whenMatched ?? 'merge', spec.whenNotMatched ?? 'insert']
  const query = Object.fromEntries(on.map(path => [path, valueAt(doc, pathParts(path)) ?? null]))
  const { _id, ...rest } = doc
  const known = has(doc, '_id') || !on.includes('_id')
  const update: Doc | Doc[] = Array.isArray(whenMatched)
    ? (whenMatched as Doc[])
    : whenMatched === 'replace'
      ? rest
      : { $set: rest }
  const statement: UpdateStatement = { query, update, multi: false, upsert: false, sort: {}, hint: undefined }
  const keeping =
    whenMatched === 'keepExisting' || whenMatched === 'fail' || (Object.keys(rest).length === 0 && !Array.isArray(whenMatched))
  const probe: UpdateStatement = keeping ? { ...statement, update: { $set: {} } } : statement
  const result = known ? updateStatement(write, ns, probe, run) : { n: 0 }
  if (!result) return false
  const matched = result.n
  if (matched > 0 && whenMatched === 'fail')
    throw new StoreError(11000, 'DuplicateKey', '$merge with whenMatched: fail found an existing document')
  if (matched > 0) return true
  if (whenNotMatched === 'fail') {
    throw new StoreError(
      13113,
      'MergeStageNoMatchingDocument',
      '$merge could not find a matching document in the target collection for at least one document in the source collection',
    )
  }
  if (whenNotMatched === 'insert') insertOne(write, ns, encode(doc))
  return true
}

/** The stage that writes, when the pipeline ends with one. */
export function sinkOf(pipeline: Doc[]): Doc | null {
  const last = pipeline.at(-1)
  return last && (has(last, '$out') || has(last, '$merge')) ? last : null
}

function checkMerge(spec: Doc): void {
  checkParts(spec, '$merge', ['into', 'on', 'let', 'whenMatched', 'whenNotMatched'])
  const { whenMatched = 'merge', whenNotMatched = 'insert' } = spec
  const matched = ['replace', 'keepExisting', 'merge', 'fail']
  if (!Array.isArray(whenMatched) && !matched.includes(String(whenMatched)))
    throw badValue(`Enumeration value '${String(whenMatched)}' for field 'whenMatched' is not a valid value.`)
  if (!['insert', 'discard', 'fail'].includes(String(whenNotMatched)))
    throw badValue(`Enumeration value '${String(whenNotMatched)}' for field 'whenNotMatched' is not a valid value.`)
}

/** Writes the documents of `$out` or `$merge`. */
export async function writeSink(sink: Doc, docs: Doc[], db: string, write: (variables?: Doc) => WriteContext): Promise<void> {
  const { database, pace = new Pace(0) } = write()
  if (has(sink, '$out')) {
    const target = targetOf(sink.$out, db)
    return replaceCollection(write(), target, docs, pace)
  }
  const spec = isObject(sink.$merge) ? sink.$merge : { into: sink.$merge }
  if (spec.into === undefined) throw location(40414, "BSON field '$merge.into' is missing but a required field")
  checkMerge(spec)
  const target = targetOf(spec.into, db)
  const own = isObject(spec.let) ? spec.let : {}
  let [next, run] = [0, new StatementRun()]
  const merge = (): true | null => {
    const endMs = performance.now() + sliceMs
    for (; next < docs.length; next++, run = new StatementRun()) {
      const doc = docs[next] as Doc
      if (performance.now() > endMs || !mergeOne(write({ ...own, new: { $literal: doc } }), target, spec, doc, run)) return null
    }
    return true
  }
  await inSlices(database, pace, merge)
}
