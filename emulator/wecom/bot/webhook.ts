import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { decrypt, encrypt, getSignature } from '@wecom/crypto'
import { EmulatorError } from '../../kernel/errors.ts'
import { jsonOf } from '../../kernel/http.ts'
import { nineteenDigits } from '../../kernel/ids.ts'
import type { Verification } from '../delivery.ts'
import { attempt } from '../sender.ts'
import type { WeComState } from '../state.ts'
import type { BotState, Exchange } from './state.ts'
import { complain, showReply } from './stream.ts'

const VERIFY_DEADLINE_MS = 1000
const RETRIES = 3
const STREAM_LIFE_MS = 6 * 60_000

interface Sealed {
  query: URLSearchParams
  body: string
  nonce: string
}

function seal(state: WeComState, bot: BotState, text: string): Sealed & { cipher: string } {
  const { token = '', encodingAesKey = '' } = bot.settings
  const cipher = encrypt(encodingAesKey, text, '')
  const timestamp = String(Math.floor(state.clock.now() / 1000))
  const nonce = randomBytes(5).toString('hex')
  const query = new URLSearchParams({ msg_signature: getSignature(token, timestamp, nonce, cipher), timestamp, nonce })
  return { query, nonce, cipher, body: JSON.stringify({ encrypt: cipher }) }
}

function addressOf(bot: BotState, query: URLSearchParams): string {
  const { callbackUrl } = bot.settings
  if (!callbackUrl) throw new EmulatorError('callback.not_configured', '还没有设置智能机器人的回调地址')
  return `${callbackUrl}?${query}`
}

/** Save the address: the echo, decrypted with an empty receive id, within a second. */
export async function verifyBot(state: WeComState, bot: BotState): Promise<Verification> {
  const echo = nineteenDigits()
  const { query, cipher } = seal(state, bot, echo)
  query.set('echostr', cipher)
  const { status, body, ms } = await attempt(state, addressOf(bot, query), { method: 'GET' }, VERIFY_DEADLINE_MS)
  return { ok: status === 200 && body === echo, status, body, ms }
}

/** Tell the service what somebody said, show what it answers, and ask for the rest of a stream until it is finished. */
export async function deliverToWebhook(
  state: WeComState,
  bot: BotState,
  exchange: Exchange,
  event: Record<string, unknown>,
  { attempts = RETRIES + 1 } = {},
): Promise<number> {
  let status = 0
  for (let tries = 0; tries < attempts && status === 0; tries += 1) {
    const sealed = seal(state, bot, JSON.stringify(event))
    const answer = await post(state, bot, sealed)
    status = answer.status
    if (status === 200) take(state, bot, exchange, sealed.nonce, answer.body)
  }
  if (status === 200 && exchange.streamId !== undefined && !exchange.answered) await poll(state, bot, exchange, event)
  return status
}

const post = (state: WeComState, bot: BotState, { query, body }: Sealed) =>
  attempt(
    state,
    addressOf(bot, query),
    { method: 'POST', headers: { 'content-type': 'application/json' }, body },
    state.switches.callbackTimeoutMs,
  )

async function poll(state: WeComState, bot: BotState, exchange: Exchange, event: Record<string, unknown>): Promise<void> {
  const { aibotid, chattype, chatid, from } = event
  while (!exchange.answered && state.clock.now() - exchange.at < STREAM_LIFE_MS) {
    await sleep(bot.settings.pollMs ?? 1000)
    const stream = { id: exchange.streamId }
    const asked = { msgid: nineteenDigits(), aibotid, chattype, chatid, from, msgtype: 'stream', stream }
    const sealed = seal(state, bot, JSON.stringify(asked))
    const answer = await post(state, bot, sealed)
    if (answer.status !== 200) return
    take(state, bot, exchange, sealed.nonce, answer.body)
  }
}

function take(state: WeComState, bot: BotState, exchange: Exchange, nonce: string, body: string): void {
  if (body.trim() === '') return
  const reply = openReply(state, bot, nonce, body)
  if (reply) showReply(state, bot, exchange, reply)
}

function openReply(state: WeComState, bot: BotState, nonce: string, body: string): Record<string, unknown> | null {
  const outer = jsonOf(body) as Record<string, unknown> | undefined
  const cipher = outer?.encrypt
  if (typeof cipher !== 'string') {
    complain(state, 'encrypt', '回复不是加密的 JSON')
    return null
  }
  if (outer?.nonce !== nonce) complain(state, 'nonce', '应与回调地址里的 nonce 相同')
  if (!Number.isInteger(outer?.timestamp)) complain(state, 'timestamp', '应为整数')
  const expected = getSignature(bot.settings.token ?? '', String(outer?.timestamp), String(outer?.nonce), cipher)
  if (outer?.msgsignature !== expected) {
    complain(state, 'msgsignature', '签名不对')
    return null
  }
  const { message, id } = decrypt(bot.settings.encodingAesKey ?? '', cipher)
  if (id !== '') complain(state, 'encrypt', 'receiveid 应为空')
  return (jsonOf(message) as Record<string, unknown> | undefined) ?? null
}
