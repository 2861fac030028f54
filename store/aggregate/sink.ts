import { type Doc, encode } from '../bson/index.ts'
import { has, isObject } from '../bson/values.ts'
import { failedToParse, location, StoreError } from '../errors.ts'
import { valueAt } from '../match/index.ts'
import { insertOne, type UpdateStatement, updateStatement, type WriteContext } from '../query/index.ts'

type Target = { ns: string }

function targetOf(into: unknown, db: string): Target {
  if (typeof into === 'string') return { ns: `${db}.${into}` }
  if (isObject(into) && typeof into.coll === 'string') return { ns: `${String(into.db ?? db)}.${into.coll}` }
  throw failedToParse('the target of $out or $merge must be a collection')
}

function replaceCollection(write: WriteContext, { ns }: Target, docs: Doc[]): void {
  const { database } = write
  const old = database.catalogue.get(ns)
  const kept = old?.indexes.filter(index => index.name !== '_id_').map(index => index.meta.spec) ?? []
  const options = old?.options ?? {}
  if (old) database.catalogue.drop(old)
  const made = database.catalogue.create(ns, options)
  for (const spec of kept) database.buildIndex(made, spec)
  for (const doc of docs) insertOne(write, ns, encode(doc))
}

function mergeOne(write: WriteContext, { ns }: Target, spec: Doc, doc: Doc): void {
  const on = (spec.on === undefined ? ['_id'] : [spec.on].flat()).map(String)
  const [whenMatched, whenNotMatched] = [spec.whenMatched ?? 'merge', spec.whenNotMatched ?? 'insert']
  const query = Object.fromEntries(on.map(path => [path, valueAt(doc, path.split('.')) ?? null]))
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
  const matched = known ? updateStatement(write, ns, probe, new Set()).n : 0
  if (matched > 0 && whenMatched === 'fail')
    throw new StoreError(11000, 'DuplicateKey', '$merge with whenMatched: fail found an existing document')
  if (matched > 0) return
  if (whenNotMatched === 'fail') {
    throw new StoreError(
      13113,
      'MergeStageNoMatchingDocument',
      '$merge could not find a matching document in the target collection for at least one document in the source collection',
    )
  }
  if (whenNotMatched === 'insert') insertOne(write, ns, encode(doc))
}

/** The stage that writes, when the pipeline ends with one. */
export function sinkOf(pipeline: Doc[]): Doc | null {
  const last = pipeline.at(-1)
  return last && (has(last, '$out') || has(last, '$merge')) ? last : null
}

/** Writes the documents of `$out` or `$merge`. */
export async function writeSink(sink: Doc, docs: Doc[], db: string, write: (variables?: Doc) => WriteContext): Promise<void> {
  const { database } = write()
  if (has(sink, '$out')) {
    const target = targetOf(sink.$out, db)
    await database.write(() => replaceCollection(write(), target, docs))
    return
  }
  const spec = isObject(sink.$merge) ? sink.$merge : { into: sink.$merge }
  if (spec.into === undefined) throw location(40414, "BSON field '$merge.into' is missing but a required field")
  const target = targetOf(spec.into, db)
  await database.write(() => {
    for (const doc of docs)
      mergeOne(write({ ...(isObject(spec.let) ? spec.let : {}), new: { $literal: doc } }), target, spec, doc)
  })
}
