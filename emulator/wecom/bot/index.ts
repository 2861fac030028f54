import type { Server } from 'node:http'
import { EmulatorError } from '../../kernel/errors.ts'
import { type ApiReply, type ApiRequest, jsonOf } from '../../kernel/http.ts'
import { freshId, nineteenDigits } from '../../kernel/ids.ts'
import { sealedId } from '../api/contacts.ts'
import type { Verification } from '../delivery.ts'
import { refusalBody } from '../refusal.ts'
import type { WeComState } from '../state.ts'
import { type BotSocket, createBotSocket } from './socket.ts'
import { type BotMessage, type BotSettings, botChat, type Exchange, freshBot } from './state.ts'
import { deliverToWebhook, verifyBot } from './webhook.ts'

export type { BotMessage, BotSettings } from './state.ts'

const RESPONSE_PATH = '/cgi-bin/aibot/response'
const RESPONSE_LIFE_MS = 3_600_000

/** What people do in chats with the bot. A call resolves when the webhook answered and its stream is finished; with a long connection at once. */
export interface BotPeople {
  setCallbackUrl(url: string): void
  verifyUrl(): Promise<Verification>
  /** In a group somebody calls the bot by name; `group` is its chat id. */
  says(userId: string, text: string, group?: string): Promise<BotTurn>
  /** Already turned into words by the platform. */
  speaks(userId: string, words: string): Promise<BotTurn>
  sendsImage(userId: string): Promise<BotTurn>
  enters(userId: string): Promise<BotTurn>
  /** The same message once more, encrypted anew. */
  repeats(turn: BotTurn): Promise<BotTurn>
  /** What a person's chat with the bot (or a group) shows, both sides. */
  chat(chat: string): readonly BotMessage[]
  readonly socket: Pick<BotSocket, 'connected' | 'drop' | 'freeze' | 'refuseUpgrades' | 'subscriptions'>
}

/** One thing said to the bot: the status of its last delivery (0: nobody was there), and the end of the answer. */
export interface BotTurn {
  status: number
  event: Record<string, unknown>
  /** Resolves when the answer is complete. */
  finished: Promise<void>
}

export interface Bot {
  people: BotPeople
  /** `response_url` calls; undefined for every other path. */
  answer(request: ApiRequest): ApiReply | undefined
  listen(server: Server): void
  close(): void
}

/** The AI bot of the company. */
export function createBot(state: WeComState, settings: BotSettings): Bot {
  const bot = freshBot(settings)
  state.bot = bot
  let socket: BotSocket | undefined
  let baseUrl = ''
  const line = (): BotSocket => {
    if (!socket) throw new EmulatorError('callback.not_configured', '平台还没有启动')
    return socket
  }
  const nameOf = (userId: string): string => {
    const person = state.directory.person(userId)
    if (!person) throw new EmulatorError('person.unknown', `企业微信里没有这个成员:${userId}`)
    return settings.creatorIsSuperAdmin === false ? sealedId(state, person.userId) : person.userId
  }

  function begin(chat: string, kind: Exchange['kind']): Exchange {
    let finish: () => void = () => undefined
    const finished = new Promise<void>(resolve => {
      finish = resolve
    })
    const exchange: Exchange = { reqId: freshId('R'), chat, kind, at: state.clock.now(), answered: false, finished, finish }
    bot.exchanges.set(exchange.reqId, exchange)
    return exchange
  }

  async function carry(exchange: Exchange, event: Record<string, unknown>): Promise<BotTurn> {
    const done = (status: number): BotTurn => ({ status, event, finished: exchange.finished })
    if (settings.secret) {
      const cmd = event.msgtype === 'event' ? 'aibot_event_callback' : 'aibot_msg_callback'
      return done(line().push(cmd, exchange.reqId, event) ? 200 : 0)
    }
    return done(await deliverToWebhook(state, bot, exchange, event))
  }

  function said(userId: string, group: string | undefined, content: Record<string, unknown>, text: string): Promise<BotTurn> {
    const chat = group ?? userId
    const exchange = begin(chat, 'message')
    botChat(bot, chat).push({ from: 'user', msgtype: String(content.msgtype), text, finished: true, at: state.clock.now() })
    const code = freshId('BR')
    bot.responses.set(code, { exchange, expiresAt: state.clock.now() + RESPONSE_LIFE_MS, used: false })
    return carry(exchange, {
      msgid: nineteenDigits(),
      aibotid: settings.id,
      ...(group === undefined ? { chattype: 'single' } : { chattype: 'group', chatid: group }),
      from: { userid: nameOf(userId) },
      // Whether the long connection carries it is unconfirmed; nobody may depend on it there.
      ...(settings.secret ? {} : { response_url: `${baseUrl}${RESPONSE_PATH}?response_code=${code}` }),
      ...content,
    })
  }

  function answer({ path, query, body }: ApiRequest): ApiReply | undefined {
    if (path !== RESPONSE_PATH) return undefined
    const refuse = (errcode: number, why: string): ApiReply => ({ body: refusalBody(errcode, why) })
    const response = bot.responses.get(query.response_code ?? '')
    if (!response || response.used || response.expiresAt < state.clock.now()) return refuse(60140, 'invalid response_code')
    const message = jsonOf(body) as Record<string, { content?: unknown } | string | undefined> | undefined
    const content = message?.msgtype === 'markdown' ? message.markdown : undefined
    if (typeof content !== 'object' || typeof content.content !== 'string') return refuse(40008, 'invalid message type')
    response.used = true
    const at = state.clock.now()
    botChat(bot, response.exchange.chat).push({ from: 'bot', msgtype: 'markdown', text: content.content, finished: true, at })
    state.notifier.changed()
    return { body: { errcode: 0, errmsg: 'ok' } }
  }

  const people: BotPeople = {
    setCallbackUrl(url) {
      settings.callbackUrl = url
    },
    verifyUrl: () => verifyBot(state, bot),
    async says(userId, text, group) {
      const content = group === undefined ? text : `@客联 ${text}`
      return said(userId, group, { msgtype: 'text', text: { content } }, content)
    },
    speaks: async (userId, words) => said(userId, undefined, { msgtype: 'voice', voice: { content: words } }, words),
    sendsImage: async userId =>
      said(userId, undefined, { msgtype: 'image', image: { url: `${baseUrl}/no-such-picture` } }, '[图片]'),
    async enters(userId) {
      const event = { eventtype: 'enter_chat' }
      const from = { userid: nameOf(userId) }
      const create_time = Math.floor(state.clock.now() / 1000)
      const body = { msgid: nineteenDigits(), create_time, aibotid: settings.id, from, msgtype: 'event', event }
      return carry(begin(userId, 'enter_chat'), body)
    },
    async repeats(turn) {
      const exchange = begin(`repeated:${String(turn.event.msgid)}`, 'message')
      const { status } = await carry(exchange, turn.event)
      return { ...turn, status }
    },
    chat: chat => botChat(bot, chat),
    socket: {
      connected: () => line().connected(),
      drop: () => line().drop(),
      freeze: () => line().freeze(),
      refuseUpgrades: count => line().refuseUpgrades(count),
      subscriptions: () => line().subscriptions(),
    },
  }

  return {
    people,
    answer,
    listen(server) {
      const address = server.address()
      if (address && typeof address === 'object') baseUrl = `http://127.0.0.1:${address.port}`
      socket = createBotSocket(state, bot, server)
    },
    close: () => socket?.close(),
  }
}
