import type { Server } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { jsonOf } from '../../kernel/http.ts'
import { freshId } from '../../kernel/ids.ts'
import type { WeComState } from '../state.ts'
import type { BotState, Exchange } from './state.ts'
import { botChat } from './state.ts'
import { complain, showReply } from './stream.ts'

const DAY_MS = 86_400_000
const STREAM_LIFE_MS = 10 * 60_000
const WELCOME_MS = 5_000
const PER_MINUTE = 30
const PER_HOUR = 1_000

interface Frame {
  cmd?: string
  headers?: { req_id?: string }
  body?: Record<string, unknown>
}

/** The long connection of the bot; vendor page 智能机器人长连接. One live connection: a newer one ends the older. */
export interface BotSocket {
  connected(): boolean
  /** False when nobody is subscribed. */
  push(cmd: 'aibot_msg_callback' | 'aibot_event_callback', reqId: string, body: Record<string, unknown>): boolean
  /** The network fails: the connection ends without a word. */
  drop(): void
  /** The connection stays, but nothing is answered over it any more. */
  freeze(): void
  refuseUpgrades(count: number): void
  /** How often somebody subscribed, rightly or not. */
  subscriptions(): number
  close(): void
}

export function createBotSocket(state: WeComState, bot: BotState, server: Server): BotSocket {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  const open = new Set<WebSocket>()
  let live: WebSocket | undefined
  /** Connections over which nothing is answered any more. */
  const frozen = new WeakSet<WebSocket>()
  let refusals = 0
  let subscriptions = 0

  const answer = (socket: WebSocket, reqId: string | undefined, errcode: number, body?: Record<string, unknown>) =>
    socket.send(
      JSON.stringify({ headers: { req_id: reqId }, errcode, errmsg: errcode === 0 ? 'ok' : 'refused', ...(body && { body }) }),
    )

  function subscribe(socket: WebSocket, { headers, body }: Frame): void {
    subscriptions += 1
    const isKnown = body?.bot_id === bot.settings.id && body.secret === bot.settings.secret
    if (isKnown && live && live !== socket) {
      live.send(frame('aibot_event_callback', freshId('R'), { msgtype: 'event', event: { eventtype: 'disconnected_event' } }))
      live.close()
    }
    if (isKnown) live = socket
    answer(socket, headers?.req_id, isKnown ? 0 : 853000)
    state.notifier.changed()
  }

  function take(socket: WebSocket, raw: string): void {
    const received = jsonOf(raw) as Frame | undefined
    const reqId = received?.headers?.req_id
    if (!received || typeof received.cmd !== 'string' || typeof reqId !== 'string') {
      complain(state, 'frame', '不是 {cmd, headers.req_id, body}')
    } else if (frozen.has(socket)) {
      return
    } else if (received.cmd === 'aibot_subscribe') {
      subscribe(socket, received)
    } else {
      answer(socket, reqId, socket === live ? perform(received.cmd, reqId, received.body ?? {}) : 846609)
    }
  }

  /** What a command of the subscribed connection is answered with. */
  function perform(cmd: string, reqId: string, body: Record<string, unknown>): number {
    if (cmd === 'ping') return 0
    if (cmd === 'aibot_send_msg') return sendMessage(body)
    const exchange = bot.exchanges.get(reqId)
    if (!exchange) return 846605
    const age = state.clock.now() - exchange.at
    if (cmd === 'aibot_respond_welcome_msg') {
      if (exchange.kind !== 'enter_chat') return 846605
      return age > WELCOME_MS ? 846604 : show(exchange, body)
    }
    if (cmd !== 'aibot_respond_msg') return 40008
    if (age > DAY_MS) return 846604
    if (!counted(exchange.chat)) return 45009
    if (body.msgtype !== 'stream' && exchange.answered) return 846606
    if (exchange.streamAt !== undefined && state.clock.now() - exchange.streamAt > STREAM_LIFE_MS) return 846608
    return show(exchange, body)
  }

  const show = (exchange: Exchange, body: Record<string, unknown>): number =>
    showReply(state, bot, exchange, body) === null ? 0 : 40008

  function sendMessage(body: Record<string, unknown>): number {
    const chat = String(body.chatid ?? '')
    if (!(bot.chats.get(chat) ?? []).some(message => message.from === 'user')) return 846607
    const content = body[String(body.msgtype)] as { content?: unknown } | undefined
    if (body.msgtype !== 'markdown' || typeof content?.content !== 'string') return 40008
    if (!counted(chat)) return 45009
    botChat(bot, chat).push({ from: 'bot', msgtype: 'markdown', text: content.content, finished: true, at: state.clock.now() })
    state.notifier.changed()
    return 0
  }

  function counted(chat: string): boolean {
    const now = state.clock.now()
    const recent = (bot.sends.get(chat) ?? []).filter(at => now - at < 3_600_000)
    bot.sends.set(chat, recent)
    if (recent.length >= PER_HOUR || recent.filter(at => now - at < 60_000).length >= PER_MINUTE) return false
    recent.push(now)
    return true
  }

  server.on('upgrade', (request, socket, head) => {
    if (refusals > 0 || !bot.settings.secret) {
      refusals = Math.max(0, refusals - 1)
      socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, ws => {
      open.add(ws)
      ws.on('message', data => take(ws, data.toString()))
      ws.on('error', () => undefined)
      ws.on('close', () => {
        open.delete(ws)
        if (live === ws) live = undefined
      })
    })
  })

  return {
    connected: () => live !== undefined,
    push(cmd, reqId, body) {
      if (!live) return false
      live.send(frame(cmd, reqId, body))
      return true
    },
    drop() {
      for (const socket of open) socket.terminate()
    },
    freeze() {
      if (live) frozen.add(live)
    },
    refuseUpgrades(count) {
      refusals = count
    },
    subscriptions: () => subscriptions,
    close() {
      for (const socket of open) socket.terminate()
      sockets.close()
    },
  }
}

const frame = (cmd: string, reqId: string, body: Record<string, unknown>): string =>
  JSON.stringify({ cmd, headers: { req_id: reqId }, body })
