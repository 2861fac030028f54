import { mongo } from 'mongoose'
import { EmbeddedStoreError, setAsideStore } from '../../../store/index.ts'
import type { Config } from '../../config.ts'
import { type OpenDatabase, openDatabase } from '../database.ts'
import { say, UsageError } from '../run.ts'
import type { IndexSpec, Totals } from './format.ts'
import { makeIndexes } from './indexes.ts'
import { readArchive } from './read.ts'
import { collectionNames, STAGING } from './write.ts'

const { EJSON } = mongo.BSON
const BATCH_DOCUMENTS = 500
const BATCH_CHARS = 8_000_000

/** Why the embedded store does not open, when it is its data file that cannot be used. */
function faultIn(error: unknown): 'damaged' | 'newer' | null {
  const { cause } = error as Error
  return cause instanceof EmbeddedStoreError && (cause.fault === 'damaged' || cause.fault === 'newer') ? cause.fault : null
}

/**
 * The database to restore into. A data file that cannot be used is put aside and kept, but only when the backup is good.
 *
 * @throws UsageError when the file is not good, or the store is in use
 */
export async function openForRestore(
  config: Pick<Config, 'mongodbUri' | 'dataDir'>,
  file: string,
  now: Date,
): Promise<OpenDatabase> {
  try {
    return await openDatabase(config)
  } catch (error) {
    const why = faultIn(error)
    if (!why) throw error
    await readArchive(file)
    const kept = await setAsideStore(config.dataDir, why, now)
    if (!kept) throw new UsageError('服务还在运行。请先停止服务,再运行 npm run restore。')
    say(`原来的数据文件不能用,已改名保留:${kept}`)
    return openDatabase(config)
  }
}

/**
 * Put a backup into the database. The file is read and checked to its end before anything is written; then everything is brought in beside what is
 * there, and takes its place only when it is complete. Until then, whatever happens, the database is as it was.
 *
 * @param force replace what is there; without it only an empty database is written to
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
  await dropStaged(db)
  try {
    await stage(db, file)
  } catch (error) {
    await dropStaged(db)
    throw error
  }
  for (const name of Object.keys(totals)) await db.renameCollection(`${STAGING}${name}`, name, { dropTarget: true })
  for (const name of names) if (!totals[name]) await db.dropCollection(name)
  return totals
}

async function dropStaged(db: mongo.Db): Promise<void> {
  const rows = await db.listCollections({ type: 'collection' }, { nameOnly: true }).toArray()
  for (const { name } of rows) if (name.startsWith(STAGING)) await db.dropCollection(name)
}

async function stage(db: mongo.Db, file: string): Promise<void> {
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
      target = { collection: await db.createCollection(`${STAGING}${name}`), indexes }
    },
    async document(line) {
      batch.push((EJSON.parse(line, { relaxed: false }) as { d: mongo.Document }).d)
      chars += line.length
      if (batch.length >= BATCH_DOCUMENTS || chars >= BATCH_CHARS) await flush()
    },
  })
  await finish()
}
