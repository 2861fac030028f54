import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { StorePaths } from './paths.ts'
import { exitAlreadyRunning } from './run.ts'

const pollMs = 20
const startLimitMs = 20_000
const maxLogBytes = 1024 * 1024
// LMDB maps its file into memory: reading a damaged one ends the process.
const crashes: NodeJS.Signals[] = ['SIGSEGV', 'SIGBUS', 'SIGABRT', 'SIGILL']

/** Connects to a running child; null when nobody listens. */
export function tryConnect(socketPath: string): Promise<Socket | null> {
  return new Promise(resolve => {
    const socket = connect(socketPath)
    socket.once('connect', () => resolve(socket))
    socket.once('error', () => {
      socket.destroy()
      resolve(null)
    })
  })
}

// From source (tests, development) the child needs a loader for TypeScript.
function command(): { args: string[]; cwd: string } {
  const own = fileURLToPath(import.meta.url)
  const extension = path.extname(own)
  const main = path.resolve(path.dirname(own), '..', `main${extension}`)
  return { args: [...(extension === '.ts' ? ['--import', 'tsx'] : []), main], cwd: path.dirname(main) }
}

// The child needs none of the service's settings, and gets none of its secrets.
function environment(): NodeJS.ProcessEnv {
  const names = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'SystemRoot', 'KELIAN_STORE_TTL_MS']
  return Object.fromEntries(names.flatMap(name => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))
}

type Started = { ended: () => boolean; code: () => number | null; crashed: () => boolean }

function start(dataDir: string, paths: StorePaths): Started {
  if (existsSync(paths.log) && statSync(paths.log).size > maxLogBytes) truncateSync(paths.log)
  const output = openSync(paths.log, 'a', 0o600)
  const { args, cwd } = command()
  let ended = false
  let code: number | null = null
  let signal: NodeJS.Signals | null = null
  // Detached: Ctrl-C in the terminal goes to the service, and the child outlives it while others are connected.
  const child = spawn(process.execPath, [...args, dataDir], {
    cwd,
    env: environment(),
    detached: true,
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  child.once('exit', (exit, by) => {
    ended = true
    code = exit
    signal = by
  })
  child.once('error', () => {
    ended = true
  })
  child.unref()
  return { ended: () => ended, code: () => code, crashed: () => signal !== null && crashes.includes(signal) }
}

function reasonOf(started: Started, { file, log }: StorePaths): string {
  if (started.crashed()) return `${file} is damaged and cannot be read. Restore a backup, or move the file away to begin empty.`
  const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []
  const told = lines.findLast(line => / cannot (open|start): /.test(line))
  return told?.replace(/^\S+ cannot \w+: /, '') ?? `its process ended; see ${log}`
}

/**
 * Connects to the child that serves the folder and starts it when there is none.
 *
 * @throws Error with the child's reason when it cannot open the store, or when nothing answers within 20 s
 */
export async function joinOrStart(dataDir: string, paths: StorePaths): Promise<Socket> {
  const endMs = Date.now() + startLimitMs
  let started: Started | null = null
  while (Date.now() < endMs) {
    const socket = await tryConnect(paths.socket)
    if (socket) return socket
    if (!started || (started.ended() && started.code() === exitAlreadyRunning)) started = start(dataDir, paths)
    else if (started.ended()) throw new Error(`The embedded store could not start: ${reasonOf(started, paths)}`)
    await wait(pollMs)
  }
  throw new Error(`The embedded store did not answer within ${startLimitMs / 1000} s; see ${paths.log}`)
}
