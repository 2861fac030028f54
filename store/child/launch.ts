import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, type NetConnectOpts, type Socket } from 'node:net'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isSuspect, suspect } from '../data/suspect.ts'
import { authenticate } from '../wire/join.ts'
import { trimLog } from './log.ts'
import type { ChildOptions } from './options.ts'
import type { StorePaths } from './paths.ts'
import { EmbeddedStoreError, exitAlreadyRunning, faultOf, faultOfError } from './start-error.ts'

const pollMs = 20
const startLimitMs = 20_000
const verifyLimitMs = 10 * 60_000
// LMDB maps its file into memory: reading a damaged one ends the process.
const crashes: NodeJS.Signals[] = ['SIGSEGV', 'SIGBUS', 'SIGABRT', 'SIGILL', 'SIGFPE']

/** A process that was started, as far as it has come. */
export type Child = { ended: () => boolean; end: Promise<void>; code: () => number | null; crashed: () => boolean }

/** A connection to the store, and the process if it was started for it. */
export type Joined = { socket: Socket; child: Child | null }

function tryConnect(where: NetConnectOpts): Promise<Socket | null> {
  return new Promise(resolve => {
    const socket = connect(where)
    const fail = () => {
      socket.destroy()
      resolve(null)
    }
    socket.once('error', fail)
    socket.once('connect', () => {
      socket.off('error', fail)
      resolve(socket)
    })
  })
}

/** Connects to a running child; null when nobody listens who knows the password. */
export async function tryJoin(paths: StorePaths, { transport }: ChildOptions): Promise<Socket | null> {
  if (transport === 'socket') return tryConnect({ path: paths.socket })
  const port = portOf(paths)
  const socket = port === null ? null : await tryConnect({ host: '127.0.0.1', port })
  if (!socket) return null
  socket.on('error', () => socket.destroy())
  if (await authenticate(socket, passwordOf(paths))) return socket
  socket.destroy()
  return null
}

/** The port that the child listens on, or listened on last; null before the first start. */
export function portOf({ port }: StorePaths): number | null {
  try {
    return Number(readFileSync(port, 'utf8')) || null
  } catch {
    return null
  }
}

/** The password of the store over TCP: made once, readable by this user only. */
export function passwordOf({ password }: StorePaths): string {
  try {
    writeFileSync(password, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFileSync(password, 'utf8').trim()
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
  const names = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'SystemRoot']
  return Object.fromEntries(names.flatMap(name => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))
}

function start(dataDir: string, paths: StorePaths, options: ChildOptions): Child {
  trimLog(paths.log)
  const output = openSync(paths.log, 'a', 0o600)
  const { args, cwd } = command()
  let ended = false
  let code: number | null = null
  let signal: NodeJS.Signals | null = null
  // Detached: Ctrl-C in the terminal goes to the service, and the child outlives it while others are connected.
  const child = spawn(process.execPath, [...args, dataDir, JSON.stringify(options)], {
    cwd,
    env: environment(),
    detached: true,
    windowsHide: true,
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  const crashed = () => signal !== null && crashes.includes(signal)
  const noteCrash = () => {
    try {
      if (crashed()) suspect(paths.file)
    } catch {
      // Where nothing can be written, the next start says so.
    }
  }
  const end = new Promise<void>(resolve => {
    child.once('exit', (exit, by) => {
      ended = true
      code = exit
      signal = by
      noteCrash()
      resolve()
    })
    child.once('error', () => {
      ended = true
      resolve()
    })
  })
  child.unref()
  return { ended: () => ended, end, code: () => code, crashed }
}

/**
 * Connects to the child that serves the folder and starts it when there is none.
 *
 * @throws EmbeddedStoreError when the store cannot be opened, or nothing answers in time
 */
export async function joinOrStart(dataDir: string, paths: StorePaths, options: ChildOptions): Promise<Joined> {
  try {
    return await untilJoined(dataDir, paths, options)
  } catch (error) {
    if (error instanceof EmbeddedStoreError) throw error
    throw new EmbeddedStoreError(faultOfError(error), paths, (error as Error).message)
  }
}

async function untilJoined(dataDir: string, paths: StorePaths, options: ChildOptions): Promise<Joined> {
  if (options.transport === 'tcp') passwordOf(paths)
  const limitMs = () => (options.verify || isSuspect(paths.file) ? verifyLimitMs : startLimitMs)
  let child: Child | null = null
  for (const startedAtMs = Date.now(); Date.now() - startedAtMs < limitMs(); await wait(pollMs)) {
    const socket = await tryJoin(paths, options)
    if (socket) return { socket, child }
    if (!child || (child.ended() && child.code() === exitAlreadyRunning)) child = start(dataDir, paths, options)
    else if (child.ended()) throw new EmbeddedStoreError(child.crashed() ? 'damaged' : faultOf(child.code()), paths)
  }
  throw new EmbeddedStoreError('silent', paths, `${limitMs() / 1000} 秒`)
}
