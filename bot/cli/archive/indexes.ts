import type { mongo } from 'mongoose'
import type { IndexSpec } from './format.ts'

/** Make a collection's indexes, as `collection.indexes()` describes them elsewhere; the one on `_id` is always there. */
export async function makeIndexes(collection: mongo.Collection, indexes: readonly IndexSpec[]): Promise<void> {
  const own = indexes.filter(index => index.name !== '_id_').map(({ v: _, ns: __, ...index }) => index)
  if (own.length > 0) await collection.createIndexes(own as unknown as mongo.IndexDescription[])
}
