import type { Doc } from '../bson/index.ts'
import { isNullish, toNumber } from '../bson/values.ts'
import type { Collection, Database } from '../data/index.ts'
import { breathe, deleteStatement, inSlices, matchingRows, Pace, pause, StatementRun } from '../query/index.ts'

async function holdsAny(database: Database, collection: Collection, filter: Doc): Promise<boolean> {
  for (const row of matchingRows(database, collection, { filter, hint: undefined, context: {}, transaction: null }, {})) {
    if (row !== pause) return true
    await breathe()
  }
  return false
}

async function removeExpired(database: Database, collection: Collection, query: Doc): Promise<void> {
  // An empty write costs a sync of the disk.
  if (!(await holdsAny(database, collection, query))) return
  const write = { database, context: {}, transaction: null, nowMs: Date.now, pipeline: (_: Doc[], doc: Doc) => doc }
  const run = new StatementRun()
  const statement = { query, multi: true, sort: {}, hint: undefined }
  await inSlices(database, new Pace(0), () =>
    collection.dropped ? { n: 0 } : deleteStatement(write, collection.ns, statement, run),
  )
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
      await removeExpired(database, collection, partial ? { $and: [partial, expired] } : expired)
    }
  }
}
