import { chmodSync, rmSync } from 'node:fs'
import { Database } from '../data/index.ts'
import { StoreError } from '../errors.ts'
import { Server } from '../wire/server.ts'
import { takeLock } from './lock.ts'
import type { StorePaths } from './paths.ts'
import { sweepExpired } from './ttl.ts'

/** How the child ends when another one already serves the folder. */
export const exitAlreadyRunning = 3
/** How the child ends when the store cannot be opened; the reason is the last line of its log. */
export const exitCannotOpen = 4

/** How the child ends when a commit failed; whoever is connected starts it again. */
const exitCommitFailed = 5

const firstClientMs = 30_000
const lingerMs = 400
const sweepEveryMs = 5000

/** Times of the child's housekeeping. */
export type ChildOptions = { ttlEveryMs: number; log: (line: string) => void }

function openDatabase(paths: StorePaths, log: (line: string) => void): Database {
  try {
    return new Database(paths.file, Date.now, error => {
      log(`a commit failed, starting anew: ${error.message}`)
      process.exit(exitCommitFailed)
    })
  } catch (error) {
    const reason = error instanceof StoreError ? error.message : `${paths.file} cannot be opened: ${(error as Error).message}`
    log(`cannot open: ${reason}`)
    process.exit(exitCannotOpen)
  }
}

/** Serves the store until no client is connected any more, or until it is told to stop. */
export async function runChild(paths: StorePaths, { ttlEveryMs, log }: ChildOptions): Promise<void> {
  process.umask(0o077)
  if (!takeLock(paths.folder)) process.exit(exitAlreadyRunning)
  const database = openDatabase(paths, log)
  const server = new Server({ database, address: paths.socket, nowMs: Date.now, log })
  rmSync(paths.socket, { force: true })
  await server.listen(paths.socket)
  chmodSync(paths.socket, 0o600)

  const guard = (work: () => Promise<void>) => () => {
    work().catch((error: unknown) => log(`housekeeping failed: ${(error as Error).message}`))
  }
  const timers = [
    setInterval(
      guard(async () => {
        server.cursors.sweep()
        await server.sessions.sweep()
      }),
      sweepEveryMs,
    ),
    setInterval(
      guard(() => sweepExpired(database, Date.now)),
      ttlEveryMs,
    ),
  ]

  let stopping = false
  const stop = async () => {
    if (stopping) return
    stopping = true
    for (const timer of timers) clearInterval(timer)
    await server.close()
    await database.close()
    process.exit(0)
  }
  let leaving = setTimeout(() => void stop(), firstClientMs)
  server.onConnections = count => {
    clearTimeout(leaving)
    if (count === 0) leaving = setTimeout(() => void stop(), lingerMs)
  }
  process.on('SIGTERM', () => void stop())
  process.on('SIGINT', () => void stop())
}
