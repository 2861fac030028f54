import mongoose, { type Connection, type mongo } from 'mongoose'
import { type EmbeddedStore, EmbeddedStoreError, openEmbeddedStore } from '../../store/index.ts'
import type { Config } from '../config.ts'
import { refuseWhileRestoring } from '../restoring/state.ts'
import { UsageError } from './run.ts'

export interface OpenDatabase {
  connection: Connection
  db: mongo.Db
  /** Is it the embedded store below `DATA_DIR`? */
  isEmbedded: boolean
  close(): Promise<void>
}

const SELECT_LIMIT_MS = 10_000

async function openStore(dataDir: string): Promise<EmbeddedStore> {
  try {
    return await openEmbeddedStore({ dataDir })
  } catch (error) {
    if (error instanceof EmbeddedStoreError) throw new UsageError(error.message, { cause: error })
    throw error
  }
}

/**
 * The database that the service of these settings uses; a running service does not mind.
 *
 * @param toRestore open it also while a restore is under way or was left half done
 * @throws UsageError, ConfigError when the embedded store cannot be opened, or the data is not whole
 */
export async function openDatabase(
  config: Pick<Config, 'mongodbUri' | 'dataDir'>,
  { toRestore = false }: { toRestore?: boolean } = {},
): Promise<OpenDatabase> {
  const store = config.mongodbUri ? null : await openStore(config.dataDir)
  const connection = mongoose.createConnection(config.mongodbUri ?? store?.uri ?? '', {
    maxPoolSize: 4,
    serverSelectionTimeoutMS: SELECT_LIMIT_MS,
    writeConcern: { w: 'majority' },
  })
  const close = async (): Promise<void> => {
    await connection.close()
    await store?.close()
  }
  try {
    await connection.asPromise()
    if (!connection.db) throw new Error('the database is not connected')
    if (!toRestore) await refuseWhileRestoring(connection.db)
    return { connection, db: connection.db, isEmbedded: store !== null, close }
  } catch (error) {
    await close()
    throw error
  }
}
