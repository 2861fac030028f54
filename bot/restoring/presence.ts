import { setTimeout as sleep } from 'node:timers/promises'
import mongoose, { type mongo } from 'mongoose'
import type { Log } from '../../handlers/kernel/services.ts'
import { RUNNING } from './names.ts'
import { hasEnded, type Owner, thisProcess } from './owner.ts'
import { brokenRestore, restoreState } from './state.ts'

/** A running service. Who restores waits until there is none: what a service remembers must not outlive the data that it comes from. */
export interface Running extends Owner {
  _id: string
  leave?: boolean
}

/** `asked`: stop, a restore waits for it. `gone`: somebody said that this process had ended; it must not write any more. */
export type Summons = 'asked' | 'gone'

export interface Presence {
  watch(hear: (summons: Summons) => void): void
  /** Last of all, when this service can write no more. */
  leave(): Promise<void>
}

const LOOK_MS = 1_000
const LEAVE_LIMIT_MS = 2_000

export const runningRows = (db: mongo.Db): mongo.Collection<Running> =>
  db.collection<Running>(RUNNING, { readPreference: 'primary' })

/**
 * Be known as running, before anything is read. A restore that is under way is waited for. It first says that it is there and then looks who is;
 * a service does the reverse, so that one of them sees the other.
 *
 * @throws ConfigError when a restore was killed and the data is not whole
 */
export async function enter(db: mongo.Db, uri: string, id: string, log: Log): Promise<Presence> {
  const rows = runningRows(db)
  for (let round = 0; ; round += 1) {
    const before = await restoreState(db)
    if (before === 'broken') throw brokenRestore()
    if (before === 'none') {
      await rows.insertOne({ _id: id, ...thisProcess() })
      if ((await restoreState(db)) === 'none') break
      await rows.deleteOne({ _id: id })
    }
    if (round === 0) log.warn({ code: 'restore.waiting' }, '正在恢复备份,完成后自动启动。')
    await sleep(LOOK_MS)
  }
  await dropEnded(rows)
  let looking: NodeJS.Timeout | undefined

  return {
    watch(hear) {
      let isBusy = false
      const look = async (): Promise<void> => {
        if (isBusy) return
        isBusy = true
        const row = await rows.findOne({ _id: id }).catch(() => undefined)
        isBusy = false
        if (row === undefined || (row && !row.leave)) return
        clearInterval(looking)
        hear(row ? 'asked' : 'gone')
      }
      looking = setInterval(() => void look(), LOOK_MS).unref()
    },
    async leave() {
      clearInterval(looking)
      // By a connection of its own: the service's is closed, and with it whatever it had begun.
      await withdraw(uri, id).catch(() => undefined)
    },
  }
}

async function withdraw(uri: string, id: string): Promise<void> {
  const connection = mongoose.createConnection(uri, { maxPoolSize: 1, serverSelectionTimeoutMS: LEAVE_LIMIT_MS })
  try {
    await connection.asPromise()
    if (connection.db) await runningRows(connection.db).deleteOne({ _id: id })
  } finally {
    await connection.close()
  }
}

/** Rows of processes that were killed. */
async function dropEnded(rows: mongo.Collection<Running>): Promise<void> {
  const ended = (await rows.find().toArray()).filter(row => hasEnded(row, false))
  if (ended.length > 0) await rows.deleteMany({ _id: { $in: ended.map(row => row._id) } })
}
