import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { mongo } from 'mongoose'
import { isData } from '../../restoring/names.ts'
import type { OpenDatabase } from '../database.ts'
import { UsageError } from '../run.ts'
import { FORMAT, Tally, type Totals } from './format.ts'

const { EJSON } = mongo.BSON
const BATCH = 500

/**
 * Write the whole database into one file, readable by its owner only, as it is at one moment: the embedded store is read in a transaction,
 * MongoDB (5.0 or newer) in a snapshot session. The file appears under its name when it is complete.
 */
export async function writeArchive(database: OpenDatabase, file: string, now: Date): Promise<Totals> {
  const totals: Totals = {}
  const partial = `${file}.part`
  try {
    await pipeline(
      Readable.from(lines(database, totals, now)),
      createGzip({ level: 6 }),
      createWriteStream(partial, { mode: 0o600, flags: 'w' }),
    )
    await rename(partial, file)
  } catch (error) {
    await rm(partial, { force: true })
    throw explained(error, file)
  }
  return totals
}

function explained(error: unknown, file: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new UsageError(`备份文件 ${file} 写不下,磁盘已满。请腾出空间,或换一个位置再备份。`)
  return syscall === 'open' || syscall === 'rename'
    ? new UsageError(`备份文件 ${file} 写不进去(${code})。请检查路径和权限。`)
    : error
}

async function* lines({ db, connection, isEmbedded }: OpenDatabase, totals: Totals, now: Date): AsyncGenerator<string> {
  yield `${JSON.stringify({ kelian: 'backup', format: FORMAT, createdAt: now.toISOString() })}\n`
  const session = await connection.getClient().startSession(isEmbedded ? {} : { snapshot: true })
  if (isEmbedded) session.startTransaction()
  try {
    for (const name of await collectionNames(db)) {
      const collection = db.collection(name)
      yield `${JSON.stringify({ collection: name, indexes: await collection.indexes() })}\n`
      const tally = new Tally()
      // Wrapped values: an integer stays an integer and a double a double.
      const cursor = collection.find({}, { session, batchSize: BATCH, promoteValues: false, bsonRegExp: true })
      let batch = ''
      for await (const document of cursor) {
        const line = EJSON.stringify({ d: document }, { relaxed: false })
        tally.add(line)
        batch += `${line}\n`
        if (tally.documents % BATCH === 0) {
          yield batch
          batch = ''
        }
      }
      yield batch
      totals[name] = tally.total()
    }
    yield `${JSON.stringify({ end: totals })}\n`
  } finally {
    if (session.inTransaction()) await session.abortTransaction()
    await session.endSession()
  }
}

/** The collections that are the product's data. */
export async function collectionNames(db: mongo.Db): Promise<string[]> {
  const rows = await db.listCollections({ type: 'collection' }, { nameOnly: true }).toArray()
  return rows
    .map(row => row.name)
    .filter(isData)
    .sort()
}
