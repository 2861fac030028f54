import { AppError } from '../../../../common/errors.ts'
import type { ChannelLog } from '../../shared/index.ts'
import { type ConnectionDeps, type ConnectionTimes, openConnection, type StreamConnection } from './connection.ts'

export interface StreamTimes extends ConnectionTimes {
  backoffFirstMs: number
  backoffCapMs: number
  /** A connection that ends sooner counts as a failure, so that a server which drops every one is not called in a loop. */
  stableMs: number
  /** How long a connection the server is leaving may still deliver, and how long a stop waits for frames being worked on. */
  graceMs: number
}

/** The server falls silent for 10 s after its notice; a pong is due long before the next ping. */
export const STREAM_TIMES: StreamTimes = {
  connectMs: 15_000,
  pingEveryMs: 25_000,
  pongWithinMs: 10_000,
  backoffFirstMs: 1000,
  backoffCapMs: 60_000,
  stableMs: 5000,
  graceMs: 12_000,
}

export interface StreamState {
  status: 'stopped' | 'connecting' | 'open' | 'waiting'
  /** Failed attempts since the last connection that lasted. */
  failures: number
  /** Sockets opened so far. */
  opened: number
  /** When anything was last heard, in milliseconds; null before the first frame. */
  lastFrameAt: number | null
  /** Code of the last failure while not open. */
  lastError: string | null
}

/** The one stream connection of an app, kept open until stopped. */
export interface Stream {
  /** Starts connecting and returns at once. */
  start(): void
  /** Resolves when no socket and no timer is left. */
  stop(): Promise<void>
  state(): StreamState
}

export interface SupervisorDeps
  extends Pick<ConnectionDeps, 'clientId' | 'clientSecret' | 'apiBase' | 'http' | 'handlers' | 'socketOptions'> {
  log: ChannelLog
  now: () => number
  /** From 0 to 1: spreads the attempts of many processes. */
  random?: () => number
  times?: Partial<StreamTimes>
}

/**
 * Keeps exactly one usable connection: a fresh one per attempt, back-off with jitter after failures, the next one opened before the server leaves the
 * old one.
 */
export function createStream(deps: SupervisorDeps): Stream {
  const times: StreamTimes = { ...STREAM_TIMES, ...deps.times }
  const random = deps.random ?? Math.random
  const { log } = deps

  let running: AbortController | null = null
  let current: StreamConnection | null = null
  let openedAt = 0
  let attempt: Promise<void> | null = null
  let retry: NodeJS.Timeout | undefined
  const leaving = new Map<StreamConnection, NodeJS.Timeout>()
  const state: StreamState = { status: 'stopped', failures: 0, opened: 0, lastFrameAt: null, lastError: null }

  /** One attempt at a time; a failure schedules the next. */
  function connect(run: AbortController): void {
    if (run.signal.aborted || current) return
    if (attempt) {
      void attempt.then(() => connect(run))
      return
    }
    clearTimeout(retry)
    state.status = 'connecting'
    attempt = open(run).finally(() => {
      attempt = null
    })
  }

  async function open(run: AbortController): Promise<void> {
    let self: StreamConnection | null = null
    let ended: string | null = null
    let told = false
    try {
      self = await openConnection({
        ...deps,
        times,
        signal: run.signal,
        onFrame: () => {
          state.lastFrameAt = deps.now()
        },
        onFault: error => log.warn({ code: 'dingtalk.stream_fault', err: error }, 'stream frame or socket failed'),
        onLeaving: () => {
          told = true
          leave(run, self)
        },
        onClosed: reason => {
          ended = reason
          closed(run, self, reason)
        },
      })
    } catch (error) {
      if (!run.signal.aborted) failed(run, error)
      return
    }
    if (run.signal.aborted) return self.close(0)
    state.opened += 1
    if (ended !== null) return failed(run, new AppError('dingtalk.stream_closed', ended))
    current = self
    openedAt = performance.now()
    Object.assign(state, { status: 'open', lastError: null })
    log.info({ code: 'dingtalk.stream_open' }, 'stream connected')
    if (told) leave(run, self)
  }

  /** The server will close this one: it may still deliver, while the next one is opened. */
  function leave(run: AbortController, connection: StreamConnection | null): void {
    if (!connection || connection !== current) return
    current = null
    retire(connection)
    if (hasLasted()) connect(run)
    else failed(run, new AppError('dingtalk.stream_closed', 'the server asked to leave at once'))
  }

  /** Did the connection that just ended live long enough to be called healthy? */
  function hasLasted(): boolean {
    if (performance.now() - openedAt < times.stableMs) return false
    state.failures = 0
    return true
  }

  function retire(connection: StreamConnection): void {
    if (leaving.has(connection)) return
    const end = () => {
      connection
        .close(times.graceMs)
        .catch(error => log.warn({ code: 'dingtalk.stream_fault', err: error }, 'closing failed'))
        .finally(() => leaving.delete(connection))
    }
    leaving.set(connection, setTimeout(end, times.graceMs))
  }

  function closed(run: AbortController, connection: StreamConnection | null, reason: string): void {
    if (connection) {
      clearTimeout(leaving.get(connection))
      leaving.delete(connection)
    }
    if (connection === null || connection !== current) return
    current = null
    hasLasted()
    if (!run.signal.aborted) failed(run, new AppError('dingtalk.stream_closed', reason))
  }

  function failed(run: AbortController, error: unknown): void {
    state.failures += 1
    state.status = 'waiting'
    state.lastError = error instanceof AppError ? error.code : 'dingtalk.stream_failed'
    // Half of the wait is fixed, half is chance.
    const longest = Math.min(times.backoffCapMs, times.backoffFirstMs * 2 ** Math.min(state.failures - 1, 16))
    const waitMs = Math.round(longest * (0.5 + random() / 2))
    const details = error instanceof AppError ? error.details : {}
    log.warn({ code: state.lastError, ...details, failures: state.failures, waitMs }, 'stream not connected; trying again')
    clearTimeout(retry)
    retry = setTimeout(() => connect(run), waitMs)
  }

  return {
    start() {
      if (running) return
      running = new AbortController()
      state.failures = 0
      connect(running)
    },

    async stop() {
      const run = running
      if (!run) return
      running = null
      run.abort()
      clearTimeout(retry)
      await attempt
      const open = [...leaving.keys(), ...(current ? [current] : [])]
      for (const timer of leaving.values()) clearTimeout(timer)
      leaving.clear()
      current = null
      state.status = 'stopped'
      await Promise.all(open.map(connection => connection.close(times.graceMs)))
    },

    state: () => ({ ...state }),
  }
}
