import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { z } from 'zod'
import type { ChannelLog, Outbound } from '../../shared/index.ts'
import type { WeComSocketBot } from './settings.ts'

const frame = z.object({
  cmd: z.string().optional(),
  headers: z.object({ req_id: z.string() }),
  errcode: z.number().optional(),
  body: z.unknown().optional(),
})

export interface BotConnectionTimes {
  pingEveryMs: number
  ackWithinMs: number
  backoffFirstMs: number
  backoffCapMs: number
  /** After a wrong id or secret, or when another connection took over. */
  refusedPauseMs: number
}

/** Page 智能机器人长连接: a ping every 30 s; the vendor's own client gives up after two without an answer. */
export const BOT_TIMES: BotConnectionTimes = {
  pingEveryMs: 30_000,
  ackWithinMs: 5_000,
  backoffFirstMs: 1_000,
  backoffCapMs: 30_000,
  refusedPauseMs: 5 * 60_000,
}

export interface BotConnectionDeps {
  log: ChannelLog
  /** A message or event; `reqId` is what an answer to it must carry. */
  onFrame(reqId: string, body: unknown): void
  times?: Partial<BotConnectionTimes>
  /** Through a proxy; absent: directly. */
  socketOptions?: Outbound['socketOptions']
}

export interface BotConnection {
  /** Keep connected until the signal says stop. Resolves when no socket and no timer is left. */
  run(signal: AbortSignal): Promise<void>
  /** @returns the platform's errcode, or null when nobody is connected or no answer came */
  send(cmd: string, reqId: string, body: unknown): Promise<number | null>
  status(): 'open' | 'down'
}

type Ended = 'lost' | 'refused' | 'kicked'

/**
 * The long connection of the bot: subscribed, pinged, connected again with growing pauses. One live connection per bot: when another one takes over,
 * this one stays away for a while instead of taking it back at once.
 */
export function createBotConnection(settings: WeComSocketBot, deps: BotConnectionDeps): BotConnection {
  const times = { ...BOT_TIMES, ...deps.times }
  const { log } = deps
  const acks = new Map<string, (errcode: number) => void>()
  let live: WebSocket | null = null

  function request(socket: WebSocket, cmd: string, reqId: string, body?: unknown): Promise<number | null> {
    return new Promise(resolve => {
      const done = (errcode: number | null): void => {
        clearTimeout(timer)
        acks.delete(reqId)
        resolve(errcode)
      }
      const timer = setTimeout(() => done(null), times.ackWithinMs)
      acks.set(reqId, done)
      socket.send(JSON.stringify({ cmd, headers: { req_id: reqId }, ...(body !== undefined && { body }) }), error => {
        if (error) done(null)
      })
    })
  }

  /** One connection from its opening to its end. */
  async function connect(signal: AbortSignal): Promise<Ended> {
    const socket = new WebSocket(settings.url, {
      handshakeTimeout: times.ackWithinMs,
      perMessageDeflate: false,
      ...deps.socketOptions?.(settings.url),
    })
    let ended: Ended = 'lost'
    const stop = (): void => socket.terminate()
    signal.addEventListener('abort', stop, { once: true })
    const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
    socket.on('error', error => log.warn({ code: 'wecom.bot_socket', err: error.message }, 'bot connection failed'))
    socket.on('message', data => {
      const kicked = take(String(data))
      if (kicked) {
        ended = 'kicked'
        socket.close()
      }
    })
    socket.once('open', () => {
      request(socket, 'aibot_subscribe', freshReqId('aibot_subscribe'), { bot_id: settings.id, secret: settings.secret })
        .then(errcode => {
          if (errcode === 0) {
            live = socket
            log.info({ code: 'wecom.bot_open' }, 'bot connected')
            return
          }
          if (errcode !== null) {
            ended = 'refused'
            log.error({ code: 'wecom.bot_credentials_wrong', errcode }, 'the bot was not let in: check its id and secret')
          }
          socket.terminate()
        })
        .catch(stop)
    })
    const pinging = setInterval(() => {
      if (live !== socket) return
      request(socket, 'ping', freshReqId('ping'))
        .then(errcode => {
          if (errcode === null) socket.terminate()
        })
        .catch(stop)
    }, times.pingEveryMs)
    await closed
    clearInterval(pinging)
    signal.removeEventListener('abort', stop)
    if (live === socket) live = null
    return ended
  }

  /** True when the platform says that another connection took over. */
  function take(text: string): boolean {
    const parsed = frame.safeParse(parse(text))
    if (!parsed.success) {
      log.warn({ code: 'wecom.bot_frame_invalid' }, 'a frame of the bot connection was not understood')
      return false
    }
    const { cmd, headers, errcode, body } = parsed.data
    if (cmd === undefined) {
      acks.get(headers.req_id)?.(errcode ?? -1)
      return false
    }
    const event = (body as { event?: { eventtype?: unknown } } | undefined)?.event
    if (event?.eventtype === 'disconnected_event') return true
    deps.onFrame(headers.req_id, body)
    return false
  }

  return {
    async run(signal) {
      let failures = 0
      while (!signal.aborted) {
        const startedAt = performance.now()
        const ended = await connect(signal)
        if (signal.aborted) return
        const lasted = performance.now() - startedAt > times.pingEveryMs
        failures = lasted ? 0 : failures + 1
        const backoffMs = Math.min(times.backoffCapMs, times.backoffFirstMs * 2 ** Math.max(0, failures - 1))
        if (ended === 'kicked') log.warn({ code: 'wecom.bot_taken_over' }, 'another connection of the same bot took over')
        await sleep(ended === 'lost' ? backoffMs : times.refusedPauseMs, undefined, { signal }).catch(() => undefined)
      }
    },
    send: async (cmd, reqId, body) => (live ? request(live, cmd, reqId, body) : null),
    status: () => (live ? 'open' : 'down'),
  }
}

/** The vendor's client tells answers apart by this prefix. */
const freshReqId = (cmd: string): string => `${cmd}_${Date.now()}_${randomBytes(4).toString('hex')}`

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
