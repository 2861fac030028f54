import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { jsonOf } from '../kernel/http.ts'
import { DingTalkRefusal } from './refusal.ts'
import type { DingTalkState } from './state.ts'

const TICKET_LIFE_MS = 90_000
/** Port 1 is reserved and refuses. */
const NOBODY = 'ws://127.0.0.1:1/connect'
const SILENCE_BEFORE_CLOSE_MS = 10_000

interface Connection {
  id: string
  socket: WebSocket
  topics: ReadonlySet<string>
  /** A disconnect frame was sent: nothing is delivered any more. */
  silent: boolean
  frozen: boolean
  /** Pushes that went to it. */
  pushes: number
}

/** What a client sent back for one frame. */
export interface Ack {
  code: number
  data: unknown
}

/** The Stream gateway: tickets, sockets, frames, acks; vendor page Stream 模式 */
export interface Gateway {
  open(body: unknown): { endpoint: string; ticket: string }
  /** How many sockets are open and not told to go. */
  connections(): number
  /** How many pushes each of them got. */
  shares(): number[]
  /** WebSocket pings that clients have sent so far. */
  pings(): number
  /** Send one frame to one random subscribed connection; undefined when there is none. */
  push(
    topic: string,
    data: string,
    timeoutMs: number,
    more?: { type?: string; headers?: Record<string, string> },
  ): Promise<Ack | 'timeout'> | undefined
  dropConnections(): void
  freeze(): void
  /** The server ends every connection in good order, with code 1001. */
  goAway(): void
  refuseUpgrades(count: number): void
  /** The next so many upgrades are never answered. */
  ignoreUpgrades(count: number): void
  /** The next so many opening calls name an address where nobody listens. */
  misdirect(count: number): void
  sendDisconnect(): void
  sendMalformedFrame(): void
  close(): void
}

/** Attach a gateway to a listening server. */
export function createGateway(state: DingTalkState, server: Server): Gateway {
  const tickets = new Map<string, { topics: Set<string>; expiresAt: number }>()
  const connections = new Set<Connection>()
  const waiting = new Map<string, { connection: Connection; take(ack: Ack): void }>()
  const timers = new Set<NodeJS.Timeout>()
  const unanswered = new Set<Duplex>()
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  let refusals = 0
  let pings = 0
  let silences = 0
  let misdirections = 0

  const frame = (connection: Connection, type: string, topic: string, data: string, more: Record<string, string> = {}) => {
    const messageId = randomUUID()
    const time = String(state.clock.now())
    const headers = {
      appId: state.clientId,
      connectionId: connection.id,
      contentType: 'application/json',
      messageId,
      time,
      topic,
      ...more,
    }
    connection.socket.send(JSON.stringify({ specVersion: '1.0', type, headers, data }))
    return messageId
  }
  const later = (ms: number, run: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      run()
    }, ms)
    timers.add(timer)
    return () => {
      clearTimeout(timer)
      timers.delete(timer)
    }
  }
  const live = () => [...connections].filter(connection => !connection.silent)

  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '/', 'http://emulator')
    const ticket = tickets.get(url.searchParams.get('ticket') ?? '')
    tickets.delete(url.searchParams.get('ticket') ?? '')
    if (silences > 0) {
      silences -= 1
      unanswered.add(socket)
      return
    }
    if (refusals > 0 || url.pathname !== '/connect' || !ticket || ticket.expiresAt < state.clock.now()) {
      socket.end(refusals > 0 ? 'HTTP/1.1 503 Service Unavailable\r\n\r\n' : 'HTTP/1.1 401 Unauthorized\r\n\r\n')
      refusals = Math.max(0, refusals - 1)
      return
    }
    sockets.handleUpgrade(request, socket, head, opened => {
      const connection: Connection = {
        id: randomUUID(),
        socket: opened,
        topics: ticket.topics,
        silent: false,
        frozen: false,
        pushes: 0,
      }
      connections.add(connection)
      opened.on('message', raw => receive(connection, raw.toString()))
      opened.on('ping', () => {
        pings += 1
      })
      opened.on('error', () => opened.terminate())
      opened.on('close', () => {
        connections.delete(connection)
        state.notifier.changed()
      })
      frame(connection, 'SYSTEM', 'CONNECTED', '{}')
      frame(connection, 'SYSTEM', 'REGISTERED', '{}')
      state.notifier.changed()
    })
  })

  /** An ack counts on the connection that delivered the frame; whether the platform takes one from another is not told. */
  const receive = (connection: Connection, raw: string) => {
    const ack = jsonOf(raw) as { code?: number; headers?: { messageId?: string }; data?: string } | undefined
    const messageId = ack?.headers?.messageId ?? ''
    const frame = waiting.get(messageId)
    if (frame?.connection !== connection) return
    waiting.delete(messageId)
    frame.take({ code: ack?.code ?? 0, data: typeof ack?.data === 'string' ? jsonOf(ack.data) : undefined })
  }

  if (state.switches.pollMs > 0) {
    const ping = setInterval(() => {
      for (const connection of live())
        if (!connection.frozen) frame(connection, 'SYSTEM', 'ping', JSON.stringify({ opaque: randomUUID() }))
    }, state.switches.pollMs)
    timers.add(ping)
  }

  return {
    open(body) {
      const asked = body as
        | { clientId?: string; clientSecret?: string; subscriptions?: { type?: string; topic?: string }[] }
        | undefined
      if (asked?.clientId !== state.clientId || asked.clientSecret !== state.clientSecret) {
        throw new DingTalkRefusal('authFailed', '鉴权失败', 401)
      }
      const ticket = randomUUID()
      const topics = new Set((asked.subscriptions ?? []).map(({ type, topic }) => `${type} ${topic}`))
      tickets.set(ticket, { topics, expiresAt: state.clock.now() + TICKET_LIFE_MS })
      if (misdirections > 0) {
        misdirections -= 1
        return { endpoint: NOBODY, ticket }
      }
      return { endpoint: `${state.baseUrl.replace('http:', 'ws:')}/connect`, ticket }
    },
    connections: () => live().length,
    shares: () => live().map(({ pushes }) => pushes),
    pings: () => pings,
    push(topic, data, timeoutMs, { type = 'CALLBACK', headers = {} } = {}) {
      const wanted = `${type} ${topic}`
      const subscribed = live().filter(({ topics, socket }) => topics.has(wanted) && socket.readyState === socket.OPEN)
      const awake = subscribed.filter(connection => !connection.frozen)
      const pool = awake.length > 0 ? awake : subscribed
      const chosen = pool[Math.floor(Math.random() * pool.length)]
      if (!chosen) return undefined
      chosen.pushes += 1
      return new Promise(resolve => {
        const messageId = frame(chosen, type, topic, data, headers)
        const forget = later(timeoutMs, () => {
          waiting.delete(messageId)
          resolve('timeout')
        })
        waiting.set(messageId, {
          connection: chosen,
          take(ack) {
            forget()
            resolve(ack)
          },
        })
      })
    },
    dropConnections() {
      for (const { socket } of connections) socket.terminate()
    },
    freeze() {
      for (const connection of connections) {
        connection.frozen = true
        connection.socket.pause()
      }
    },
    goAway() {
      for (const { socket } of connections) socket.close(1001)
    },
    refuseUpgrades(count) {
      refusals = count
    },
    ignoreUpgrades(count) {
      silences = count
    },
    misdirect(count) {
      misdirections = count
    },
    sendDisconnect() {
      for (const connection of live()) {
        frame(connection, 'SYSTEM', 'disconnect', JSON.stringify({ reason: 'connection is expired' }))
        connection.silent = true
        later(SILENCE_BEFORE_CLOSE_MS, () => connection.socket.close(1001))
      }
    },
    sendMalformedFrame() {
      for (const { socket } of live()) socket.send('{"specVersion":"1.0","type":')
    },
    close() {
      for (const timer of timers) clearTimeout(timer)
      for (const { take } of waiting.values()) take({ code: 0, data: undefined })
      for (const { socket } of connections) socket.terminate()
      for (const socket of unanswered) socket.destroy()
      sockets.close()
    },
  }
}
