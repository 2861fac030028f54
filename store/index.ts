import type { Socket } from 'node:net'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { joinOrStart } from './child/launch.ts'
import { lockHolder } from './child/lock.ts'
import { preparePaths } from './child/paths.ts'

/** Settings of the embedded store. */
export type EmbeddedStoreOptions = {
  /** Folder of the service's data; the store keeps its own folder `store` in it. */
  dataDir: string
  /** Hears of restarts of the store's process. */
  log?: (line: string) => void
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

// Poll: a hello that waits for news is not offered. The driver's monitor can wait its whole connect time-out (30 s by default) for a process that was killed just then: on a local socket a
// few seconds are plenty, and the next process is found as soon as it listens.
const uriOf = (socket: string) =>
  `mongodb://${encodeURIComponent(socket)}/kelian?directConnection=true&retryWrites=true&serverMonitoringMode=poll&connectTimeoutMS=3000&heartbeatFrequencyMS=2000`

async function untilEnded(folder: string): Promise<void> {
  const endMs = Date.now() + endLimitMs
  while (Date.now() < endMs && lockHolder(folder) !== null) await wait(20)
}

/**
 * Starts the embedded MongoDB-compatible store for a data folder, or joins the one that another process started.
 *
 * The store is a process of its own on a Unix socket that only this user can open. It lives while anybody is connected; should it die, it is
 * started again on the same socket and the driver reconnects by itself.
 *
 * @throws Error when the folder cannot be used, the file is damaged or was written by a newer version, or on Windows
 */
export async function openEmbeddedStore({ dataDir, log = () => undefined }: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  if (process.platform === 'win32') {
    throw new Error('The embedded store needs Unix sockets and does not run on Windows yet: set MONGODB_URI to a MongoDB server.')
  }
  const folder = path.resolve(dataDir)
  const paths = preparePaths(folder)
  let closing = false
  let keeper: Socket

  const keep = (socket: Socket) => {
    keeper = socket
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      if (!closing) void rejoin(restartDelayMs)
    })
    // It only shows that this process is there, and must not keep it from ending.
    socket.unref()
  }
  const rejoin = async (delayMs: number): Promise<void> => {
    log('the embedded store went away; starting it again')
    try {
      keep(await joinOrStart(folder, paths))
    } catch (error) {
      log((error as Error).message)
      await wait(delayMs, undefined, { ref: false })
      if (!closing) await rejoin(Math.min(delayMs * 2, maxRestartDelayMs))
      return
    }
    if (closing) keeper.destroy()
  }

  keep(await joinOrStart(folder, paths))
  return {
    uri: uriOf(paths.socket),
    close: async () => {
      if (closing) return
      closing = true
      keeper.destroy()
      await untilEnded(paths.folder)
    },
  }
}
