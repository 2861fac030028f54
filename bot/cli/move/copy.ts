import { mongo } from 'mongoose'
import { isData } from '../../restoring/names.ts'
import { indexSpec } from '../archive/format.ts'
import { makeIndexes } from '../archive/indexes.ts'
import { noteProgress, type Progress } from './progress.ts'

const BATCH_DOCUMENTS = 500
const BATCH_BYTES = 8_000_000

/** One collection of the source. */
export interface Source {
  name: string
  uuid: string
  options: mongo.CreateCollectionOptions
}

/** The collections of a database, without views and those of the server itself. */
export async function sourcesIn(db: mongo.Db): Promise<Source[]> {
  const rows = await db.listCollections<mongo.CollectionInfo>({ type: 'collection' }, { nameOnly: false }).toArray()
  return rows
    .filter(({ name }) => isData(name))
    .map(({ name, info, options }) => ({ name, uuid: String(info?.uuid ?? ''), options: options ?? {} }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Documents in batches, with their bytes read as they are: an integer stays an integer and a double a double. */
async function* batches(collection: mongo.Collection, skip: number): AsyncGenerator<mongo.Document[]> {
  const cursor = collection.find({}, { skip, hint: { $natural: 1 }, batchSize: BATCH_DOCUMENTS, raw: true })
  let batch: mongo.Document[] = []
  let bytes = 0
  for await (const found of cursor) {
    const raw = found as unknown as Uint8Array
    batch.push(mongo.BSON.deserialize(raw, { promoteValues: false, bsonRegExp: true }))
    bytes += raw.length
    if (batch.length < BATCH_DOCUMENTS && bytes < BATCH_BYTES) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}

/**
 * Bring one collection with its indexes into the target, from where an earlier run left off. The last batch of that run may be there already or
 * not: writing it again changes nothing.
 */
export async function copyCollection(
  source: mongo.Db,
  target: mongo.Db,
  { name, uuid, options }: Source,
  before?: Progress,
): Promise<void> {
  const progress: Progress = before ?? { _id: name, uuid, documents: 0, state: 'copying' }
  if (progress.state === 'copied') return
  if (!before) {
    await target.createCollection(name, options)
    await noteProgress(target, progress)
  }
  for await (const batch of batches(source.collection(name), progress.documents)) {
    await target.collection(name).bulkWrite(
      batch.map(document => ({ replaceOne: { filter: { _id: { $eq: document._id } }, replacement: document, upsert: true } })),
      { ordered: false, ignoreUndefined: false },
    )
    progress.documents += batch.length
    await noteProgress(target, progress)
  }
  await makeIndexes(
    target.collection(name),
    (await source.collection(name).indexes()).map(index => indexSpec.parse(index)),
  )
  await noteProgress(target, { ...progress, state: 'copied' })
}
