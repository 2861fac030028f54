import { mongo } from 'mongoose'
import { EmbeddedStoreError, setAsideStore } from '../../../store/index.ts'
import type { Config } from '../../config.ts'
import { STAGING } from '../../restoring/names.ts'
import { type OpenDatabase, openDatabase } from '../database.ts'
import { say, UsageError } from '../run.ts'
import type { IndexSpec, Totals } from './format.ts'
import { holdDatabase } from './hold.ts'
import { makeIndexes } from './indexes.ts'
import { untilQuiet } from './quiet.ts'
import { readArchive } from './read.ts'
import { collectionNames } from './write.ts'

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
    return await openDatabase(config, { toRestore: true })
  } catch (error) {
    const why = faultIn(error)
    if (!why) throw error
    await readArchive(file)
    const kept = await setAsideStore(config.dataDir, why, now)
    if (!kept) throw new UsageError('服务还在运行。请先停止服务,再运行 npm run restore。')
    say(`原来的数据文件不能用,已改名保留:${kept}`)
    return openDatabase(config, { toRestore: true })
  }
}

export interface RestoreOptions {
  /** Replace what is there; without it only an empty database is written to. */
  force: boolean
  /** The person says that services which do not answer have ended. */
  stopped?: boolean
}

/**
 * Put a backup into the database. The file is read and checked to its end before anything is written; then everything is brought in beside what is
 * there, while the services work on. They leave for the moment in which it takes its place, and begin anew with nothing in memory. Until that moment,
 * whatever happens, the database is as it was; from then on, until the end, it is marked and nobody starts on it.
 *
 * @throws UsageError when the file is not good, the database holds documents, or a service does not leave
 */
export async function restoreArchive(
  database: OpenDatabase,
  file: string,
  { force, stopped = false }: RestoreOptions,
): Promise<Totals> {
  const { db } = database
  const totals = await readArchive(file)
  const hold = await holdDatabase(db)
  try {
    if (!force && !hold.wasBroken) await checkEmpty(db)
    await dropStaged(db)
    try {
      await stage(db, file)
      await hold.reach('asking')
      await untilQuiet(database, stopped)
    } catch (error) {
      await dropStaged(db)
      throw error
    }
    // Each time: a restore that was stopped in between may have been taken over.
    for (const name of Object.keys(totals)) {
      await hold.reach('swapping')
      await db.renameCollection(`${STAGING}${name}`, name, { dropTarget: true })
    }
    await hold.reach('swapping')
    for (const name of await collectionNames(db)) if (!totals[name]) await db.dropCollection(name)
  } catch (error) {
    await hold.giveUp().catch(() => undefined)
    throw error
  }
  await hold.finish()
  return totals
}

async function checkEmpty(db: mongo.Db): Promise<void> {
  const filled: string[] = []
  for (const name of await collectionNames(db))
    if (await db.collection(name).findOne({}, { projection: { _id: 1 } })) filled.push(name)
  if (filled.length === 0) return
  throw new UsageError(
    `数据库里已有数据(${filled.slice(0, 3).join('、')} 等 ${filled.length} 个集合),没有恢复。确定要清空后恢复,请加 --force。`,
  )
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
