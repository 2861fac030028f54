import { renameSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Child, joinOrStart, passwordOf, portOf, tryJoin } from './child/launch.ts'
import { lockHolder } from './child/lock.ts'
import { type ChildOptions, completeOptions } from './child/options.ts'
import { preparePaths, type StorePaths } from './child/paths.ts'
import { EmbeddedStoreError } from './child/start-error.ts'
import { trust } from './data/suspect.ts'
import { otherClients } from './wire/join.ts'
import { userName } from './wire/scram.ts'

export { EmbeddedStoreError } from './child/start-error.ts'

/** Settings of the embedded store. */
export type EmbeddedStoreOptions = {
  /** Folder of the service's data; the store keeps its own folder `store` in it. */
  dataDir: string
  /** Hears of restarts of the store's process. */
  log?: (line: string) => void
  /** For tests: how the process is reached, and its limits. Those who share a folder must agree. */
  process?: Partial<ChildOptions>
}

/** A running store. */
export type EmbeddedStore = {
  /** For mongoose or the driver; sessions, retryable writes and transactions work. */
  uri: string
  /** Leaves the store; its process ends when nobody else is connected. Disconnect the driver first. */
  close(): Promise<void>
}

// Longer than the process waits for a next client: if it still runs after this, others are using it.
const endLimitMs = 1500
const restartDelayMs = 200
const maxRestartDelayMs = 5000
/** A damaged file does not mend itself. */
const damagedDelayMs = 60_000

// Poll: a hello that waits for news is not offered. The driver's monitor can wait its whole connect time-out (30 s by default) for a process that was killed just then: on a local socket a
// few seconds are plenty, and the next process is found as soon as it listens.
const driverOptions =
  'directConnection=true&retryWrites=true&serverMonitoringMode=poll&connectTimeoutMS=3000&heartbeatFrequencyMS=2000'

const hostOf = (paths: StorePaths, { transport }: ChildOptions) =>
  transport === 'socket' ? encodeURIComponent(paths.socket) : `${userName}:${passwordOf(paths)}@127.0.0.1:${portOf(paths)}`

const uriOf = (paths: StorePaths, options: ChildOptions) =>
  `mongodb://${hostOf(paths, options)}/kelian?${driverOptions}${options.transport === 'tcp' ? '&authSource=admin&authMechanism=SCRAM-SHA-256' : ''}`

async function untilEnded(folder: string): Promise<void> {
  const endMs = Date.now() + endLimitMs
  while (Date.now() < endMs && lockHolder(folder) !== null) await wait(20)
}

// A process that is on its way out takes nobody in any more, and needs this long at most to close its file.
const leaveLimitMs = 10_000

/** Whether somebody is connected to the process of a store, or it has ended; null while it is starting or on its way out. */
async function hasOtherClients(paths: StorePaths): Promise<boolean | null> {
  if (lockHolder(paths.folder) === null) return false
  const socket = await tryJoin(paths, completeOptions({}))
  if (!socket) return null
  try {
    return (await otherClients(socket)) > 0
  } catch {
    return null
  } finally {
    socket.destroy()
  }
}

/** Whether some process uses the store of a data folder; one that has just left, or was killed a moment ago, is waited for. */
export async function isEmbeddedStoreInUse(dataDir: string): Promise<boolean> {
  const paths = preparePaths(path.resolve(dataDir))
  const startMs = Date.now()
  for (;;) {
    const has = await hasOtherClients(paths)
    if (has === false) return false
    if (Date.now() - startMs > (has ? endLimitMs : leaveLimitMs)) return true
    await wait(100)
  }
}

/**
 * Puts the data file of a store that does not open aside, under a name that says why; nothing is deleted. The next opening begins empty.
 *
 * @returns where the file is now; null when somebody still uses the store
 */
export async function setAsideStore(dataDir: string, why: 'damaged' | 'newer', now: Date): Promise<string | null> {
  const { folder, file } = preparePaths(path.resolve(dataDir))
  await untilEnded(folder)
  if (lockHolder(folder) !== null) return null
  const kept = path.join(folder, `db.${why}-${now.toISOString().replace(/\W/g, '').slice(0, 15)}.mdb`)
  renameSync(file, kept)
  rmSync(`${file}-lock`, { force: true })
  trust(file)
  return kept
}

/**
 * Starts the embedded MongoDB-compatible store for a data folder, or joins the one that another process started.
 *
 * The store is a process of its own on a Unix socket that only this user can open; where there are no such sockets (Windows) it listens on
 * 127.0.0.1 and asks for a password that is kept in the data folder. It lives while anybody is connected; should it die, it is started again
 * at the same address and the driver reconnects by itself.
 *
 * @throws EmbeddedStoreError when the folder cannot be used, the disk is full, or the file is damaged or was written by a newer version
 */
export async function openEmbeddedStore({
  dataDir,
  log = () => undefined,
  process: given = {},
}: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  const folder = path.resolve(dataDir)
  const paths = preparePaths(folder)
  const options = completeOptions(given)
  let closing = false
  let keeper: Socket
  let child: Child | null = null

  const join = async (): Promise<void> => {
    const joined = await joinOrStart(folder, paths, options)
    child = joined.child
    keeper = joined.socket
    keeper.on('error', () => keeper.destroy())
    keeper.once('close', () => {
      if (!closing) void rejoin(restartDelayMs)
    })
    // It only shows that this process is there, and must not keep it from ending.
    keeper.unref()
    if (closing) keeper.destroy()
  }
  const rejoin = async (delayMs: number): Promise<void> => {
    log('the embedded store went away; starting it again')
    // How it ended is known a little later than that it did.
    await Promise.race([child?.end, wait(endLimitMs, undefined, { ref: false })])
    try {
      await join()
      if (uriOf(paths, options) !== uri) log('the embedded store has moved to another port: restart the service')
    } catch (error) {
      log((error as Error).message)
      const isDamaged = error instanceof EmbeddedStoreError && error.fault === 'damaged'
      await wait(isDamaged ? damagedDelayMs : delayMs, undefined, { ref: false })
      if (!closing) await rejoin(Math.min(delayMs * 2, maxRestartDelayMs))
    }
  }

  await join()
  const uri = uriOf(paths, options)
  return {
    uri,
    close: async () => {
      if (closing) return
      closing = true
      keeper.destroy()
      await untilEnded(paths.folder)
    },
  }
}
