import type { Doc } from '../bson/index.ts'
import { isNullish, toNumber } from '../bson/values.ts'
import type { Collection, Database } from '../data/index.ts'
import { breathe, deleteStatement, matchingRows, pause } from '../query/index.ts'

const batch = 500

async function holdsAny(database: Database, collection: Collection, filter: Doc): Promise<boolean> {
  for (const row of matchingRows(database, collection, { filter, hint: undefined, context: {}, transaction: null }, {})) {
    if (row !== pause) return true
    await breathe()
  }
  return false
}

async function sweepIndex(database: Database, collection: Collection, filter: Doc): Promise<void> {
  while (!collection.dropped && (await holdsAny(database, collection, filter))) {
    if ((await database.write(() => removeExpired(database, collection, filter))) === 0) return
    await breathe()
  }
}

function removeExpired(database: Database, collection: Collection, filter: Doc): number {
  const write = { database, context: {}, transaction: null, nowMs: Date.now, pipeline: (_: Doc[], doc: Doc) => doc }
  let removed = 0
  while (removed < batch) {
    const { n } = deleteStatement(write, collection.ns, { query: filter, multi: false, sort: {}, hint: undefined })
    if (n === 0) break
    removed += n
  }
  return removed
}

/** Removes what TTL indexes say has expired (manual: "TTL Indexes"). */
export async function sweepExpired(database: Database, nowMs: () => number): Promise<void> {
  for (const collection of database.catalogue.all()) {
    for (const index of collection.indexes) {
      const seconds = index.meta.spec.expireAfterSeconds
      const [field] = index.fields
      if (isNullish(seconds) || !field || collection.dropped) continue
      const expired: Doc = { [field.path]: { $lt: new Date(nowMs() - toNumber(seconds) * 1000) } }
      const partial = index.meta.spec.partialFilterExpression as Doc | undefined
      await sweepIndex(database, collection, partial ? { $and: [partial, expired] } : expired)
    }
  }
}
