import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { Database } from '../data/index.ts'
import { StoreError } from '../errors.ts'
import { credentialsOf } from '../wire/scram.ts'
import { Server } from '../wire/server.ts'
import { takeLock } from './lock.ts'
import type { ChildOptions } from './options.ts'
import type { StorePaths } from './paths.ts'
import { exitAlreadyRunning, exitCodeOf, faultOfError, type StartFault } from './start-error.ts'
import { sweepExpired } from './ttl.ts'

/** How the child ends when the file cannot be written any more; whoever is connected starts it again. */
const exitFileLost = 5

const firstClientMs = 30_000
const lingerMs = 400
const sweepEveryMs = 5000

type Log = (line: string) => void

/** Ends the child: its parent knows the reason from the exit code. */
export function endWith(fault: StartFault, error: unknown, log: Log): never {
  log(`cannot start (${fault}): ${(error as Error).message ?? String(error)}`)
  process.exit(exitCodeOf(fault))
}

const newerFormat = 10302

function openDatabase(paths: StorePaths, { minFreeBytes, verify }: ChildOptions, log: Log): Database {
  try {
    const database = new Database(paths.file, Date.now, minFreeBytes, error => {
      log(`the file cannot be written any more, starting anew: ${error.message}`)
      process.exit(exitFileLost)
    })
    if (verify) database.verify()
    return database
  } catch (error) {
    // What cannot be read as a collection or an index was not written by this program.
    const fault = error instanceof StoreError ? (error.code === newerFormat ? 'newer' : 'damaged') : faultOfError(error)
    return endWith(fault, error, log)
  }
}

const readText = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').trim() : '')

// Drivers know the port they once heard: it stays the same as long as nobody else takes it.
async function listenOnPort(server: Server, paths: StorePaths): Promise<void> {
  const last = Number(readText(paths.port)) || 0
  const address = await server.listen({ host: '127.0.0.1', port: last }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error
    return server.listen({ host: '127.0.0.1', port: 0 })
  })
  const draft = `${paths.port}.draft`
  writeFileSync(draft, address.slice(address.lastIndexOf(':') + 1), { mode: 0o600 })
  renameSync(draft, paths.port)
}

async function listenOnSocket(server: Server, paths: StorePaths): Promise<void> {
  rmSync(paths.socket, { force: true })
  await server.listen({ path: paths.socket })
  chmodSync(paths.socket, 0o600)
}

/** Serves the store until no client is connected any more, or until it is told to stop. */
export async function runChild(paths: StorePaths, options: ChildOptions, log: Log): Promise<void> {
  process.umask(0o077)
  if (!takeLock(paths.folder)) process.exit(exitAlreadyRunning)
  const { transport, ttlEveryMs, maxConnections } = options
  const credentials = transport === 'tcp' ? await credentialsOf(readText(paths.password)) : null
  const database = openDatabase(paths, options, log)
  const server = new Server({ database, nowMs: Date.now, log, maxConnections, credentials })
  await (transport === 'tcp' ? listenOnPort(server, paths) : listenOnSocket(server, paths))

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
