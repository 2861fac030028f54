import { mongo } from 'mongoose'
import type { OpenDatabase } from '../database.ts'
import { UsageError } from '../run.ts'
import type { IndexSpec, Totals } from './format.ts'
import { readArchive } from './read.ts'
import { collectionNames } from './write.ts'

const { EJSON } = mongo.BSON
const BATCH_DOCUMENTS = 500
const BATCH_CHARS = 8_000_000

/**
 * Put a backup into the database. The file is read and checked to its end before anything is written.
 *
 * @param force empty the database first; without it only an empty one is written to
 * @throws UsageError when the file is not good or the database holds documents
 */
export async function restoreArchive({ db }: OpenDatabase, file: string, { force }: { force: boolean }): Promise<Totals> {
  const totals = await readArchive(file)
  const names = await collectionNames(db)
  const filled: string[] = []
  for (const name of names) if (await db.collection(name).findOne({}, { projection: { _id: 1 } })) filled.push(name)
  if (filled.length > 0 && !force) {
    throw new UsageError(
      `数据库里已有数据(${filled.slice(0, 3).join('、')} 等 ${filled.length} 个集合),没有恢复。确定要清空后恢复,请加 --force。`,
    )
  }
  for (const name of names) await db.collection(name).drop()

  let target: { collection: mongo.Collection; indexes: IndexSpec[] } | null = null
  let batch: mongo.Document[] = []
  let chars = 0
  const flush = async (): Promise<void> => {
    if (target && batch.length > 0) await target.collection.insertMany(batch)
    batch = []
    chars = 0
  }
  const finish = async (): Promise<void> => {
    await flush()
    if (target) await makeIndexes(target.collection, target.indexes)
  }
  await readArchive(file, {
    async collection(name, indexes) {
      await finish()
      target = { collection: await db.createCollection(name), indexes }
    },
    async document(line) {
      batch.push((EJSON.parse(line, { relaxed: false }) as { d: mongo.Document }).d)
      chars += line.length
      if (batch.length >= BATCH_DOCUMENTS || chars >= BATCH_CHARS) await flush()
    },
  })
  await finish()
  return totals
}

async function makeIndexes(collection: mongo.Collection, indexes: readonly IndexSpec[]): Promise<void> {
  const own = indexes.filter(index => index.name !== '_id_').map(({ v: _, ns: __, ...index }) => index)
  if (own.length > 0) await collection.createIndexes(own as unknown as mongo.IndexDescription[])
}
