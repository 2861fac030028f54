import { encrypt } from '@wecom/crypto'
import type { Middleware } from 'koa'
import { z } from 'zod'
import {
  asKoa,
  type CallbackAnswer,
  type ChannelLog,
  createOpener,
  type FreshnessClocks,
  isFresh,
  MAX_CALLBACK_BYTES,
  parseQuery,
  refusal,
  sameSignature,
  signatureOf,
} from '../../shared/index.ts'
import type { Answers } from './answers.ts'
import { QUIET_TIME_MS } from './answers.ts'
import { type BotReading, readBot } from './events.ts'
import type { WeComWebhookBot } from './settings.ts'

/** The platform drops the connection after 5 s; most answers are there sooner and need no second call. */
const FIRST_WAIT_MS = 2_000
const FRESH_MS = 10 * 60_000

const ACCEPTED: CallbackAnswer = { status: 200, body: '' }
const envelope = z.object({ encrypt: z.string().min(1) })

export interface BotWebhook {
  /** GET verifies the address, POST takes messages; to be mounted before any body parser. */
  middleware: Middleware
}

export interface BotWebhookDeps extends FreshnessClocks {
  log: ChannelLog
  answers: Answers
  /** Stores what was said and begins its answer; returns the token of the answer, null for a repetition. */
  take(reading: Extract<BotReading, { kind: 'said' }>): Promise<string | null>
  putAside(reason: string, body: string): Promise<void>
}

/** The callback address of the bot (page 智能机器人 › 接收消息, 加解密): like the app's, with JSON envelopes and an empty receive id. */
export function createBotWebhook(settings: WeComWebhookBot, deps: BotWebhookDeps): BotWebhook {
  const { log, answers } = deps
  const open = createOpener(settings.encodingAesKey)

  const refuse = (status: number, code: string): CallbackAnswer => {
    log.warn({ code, app: `bot:${settings.id}` }, 'callback refused')
    return refusal(status, code)
  }

  const unseal = (query: string, cipherOf: (echostr: string | undefined) => string | undefined) => {
    const given = parseQuery(query)
    const cipher = given ? cipherOf(given.echostr) : undefined
    if (!given?.msg_signature || !given.timestamp || !given.nonce || !cipher) return refuse(400, 'wecom.bad_request')
    const expected = signatureOf(settings.token, given.timestamp, given.nonce, cipher)
    if (!sameSignature(expected, given.msg_signature)) return refuse(403, 'wecom.signature_mismatch')
    if (!isFresh(Number(given.timestamp) * 1000, FRESH_MS, deps)) return refuse(403, 'wecom.timestamp_stale')
    const opened = open(cipher)
    if (!opened) return refuse(400, 'wecom.cipher_invalid')
    return opened.receiveId === '' ? { message: opened.message, nonce: given.nonce } : refuse(403, 'wecom.receive_id_mismatch')
  }

  /** The nonce of an answer is the one of the callback it answers. */
  const sealed = (reply: unknown, nonce: string): CallbackAnswer => {
    const timestamp = Math.floor(deps.clock.now() / 1000)
    const cipher = encrypt(settings.encodingAesKey, JSON.stringify(reply), '')
    const msgsignature = signatureOf(settings.token, String(timestamp), nonce, cipher)
    return { status: 200, type: 'application/json', body: JSON.stringify({ encrypt: cipher, msgsignature, timestamp, nonce }) }
  }

  /** What is there of an answer, after a short wait for its first words or its end. */
  async function streamed(token: string, nonce: string, waitMs: number): Promise<CallbackAnswer> {
    if (answers.show(token)?.shown.content === '') await answers.wait(token, waitMs)
    const begun = answers.show(token)
    if (begun && begun.shown.content !== '' && !begun.shown.finish) await answers.wait(token, QUIET_TIME_MS)
    const now = answers.show(token)
    if (!now) return sealed({ msgtype: 'stream', stream: { id: token, finish: true, content: '' } }, nonce)
    const answer = sealed({ msgtype: 'stream', stream: { id: token, ...now.shown } }, nonce)
    now.confirm()
    return answer
  }

  /** Somebody opened the chat: words of welcome if there are any. */
  async function welcomed(token: string, nonce: string): Promise<CallbackAnswer> {
    if (answers.show(token)?.shown.content === '') await answers.wait(token, FIRST_WAIT_MS)
    const now = answers.show(token)
    const content = now?.shown.content ?? ''
    if (content === '') {
      answers.close(token)
      return ACCEPTED
    }
    now?.confirm()
    answers.close(token)
    return sealed({ msgtype: 'text', text: { content } }, nonce)
  }

  async function receive(query: string, body: Buffer): Promise<CallbackAnswer> {
    if (body.length > MAX_CALLBACK_BYTES) return refuse(413, 'wecom.body_too_large')
    const inner = unseal(query, () => envelope.safeParse(parse(body.toString('utf8'))).data?.encrypt)
    if ('status' in inner) return inner
    const reading = readBot(parse(inner.message))
    try {
      switch (reading.kind) {
        case 'poll':
          return await streamed(reading.streamId, inner.nonce, FIRST_WAIT_MS)
        case 'said': {
          const token = await deps.take(reading)
          if (token === null) return ACCEPTED
          return reading.event.type === 'enter'
            ? await welcomed(token, inner.nonce)
            : await streamed(token, inner.nonce, FIRST_WAIT_MS)
        }
        case 'unreadable':
          log.warn({ code: reading.reason, app: `bot:${settings.id}` }, 'callback quarantined')
          await deps.putAside(reading.reason, inner.message)
          return ACCEPTED
        case 'kicked':
        case 'ignored':
          return ACCEPTED
      }
    } catch (error) {
      log.error({ code: 'wecom.not_stored', app: `bot:${settings.id}`, err: error }, 'callback could not be stored')
      return refusal(500, 'wecom.not_stored')
    }
  }

  const verify = (query: string): CallbackAnswer => {
    const echo = unseal(query, echostr => echostr)
    return 'status' in echo ? echo : { status: 200, body: echo.message, type: 'text/plain' }
  }

  const middleware = asKoa(
    (ctx, body) => (ctx.method === 'GET' ? Promise.resolve(verify(ctx.querystring)) : receive(ctx.querystring, body)),
    () => refuse(413, 'wecom.body_too_large'),
  )
  return { middleware }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
