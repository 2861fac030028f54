import type { Middleware } from 'koa'
import type { Delivery } from '../../../../common/inbound.ts'
import type { InboundSink } from '../../../../handlers/kernel/ports.ts'
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
import type { WeComSettings } from '../settings.ts'
import { readInner } from './events.ts'
import { passiveCard, sealReply } from './passive.ts'

export interface WeComCallback {
  /** `GET`: the platform checks the address when it is saved. No I/O: the answer is due within a second. `query` is without `?`. */
  verify(query: string): CallbackAnswer
  /** `POST`: a message or event. Resolves when it is stored, quarantined or refused. */
  receive(query: string, body: Buffer): Promise<CallbackAnswer>
  /** Both, for Koa; to be mounted before any body parser. */
  middleware: Middleware
}

export interface WeComCallbackDeps extends FreshnessClocks {
  log: ChannelLog
  sink: InboundSink
}

/** How far the platform's clock may differ from ours. The platform documents no tolerance; forged replays must not live long. */
const FRESH_MS = 10 * 60_000

/** The ciphertext, with or without CDATA. Taking it by pattern is safe only because the signature covers exactly what is taken. */
const ENCRYPT = /<Encrypt>\s*(?:<!\[CDATA\[([A-Za-z0-9+/=]+)\]\]>|([A-Za-z0-9+/=]+))\s*<\/Encrypt>/

/** The platform drops the connection after 5 s and sends the click again. */
const PASSIVE_WAIT_MS = 2_500

const ACCEPTED: CallbackAnswer = { status: 200, body: '' }

/**
 * The callback address of a self-built app. Refusals carry a stable code: `wecom.bad_request`, `wecom.body_too_large`,
 * `wecom.signature_mismatch`, `wecom.timestamp_stale`, `wecom.cipher_invalid`, `wecom.receive_id_mismatch`.
 */
export function createWeComCallback(settings: WeComSettings, deps: WeComCallbackDeps): WeComCallback {
  const { log, sink } = deps
  const open = createOpener(settings.encodingAesKey)
  const app = { platform: 'wecom', corp: settings.corpId, app: String(settings.agentId) }

  const refuse = (status: number, code: string): CallbackAnswer => {
    log.warn({ code, app: app.app }, 'callback refused')
    return refusal(status, code)
  }

  /** The message inside, or the refusal. */
  const unseal = (query: string, cipherOf: (echostr: string | undefined) => string | undefined): string | CallbackAnswer => {
    const given = parseQuery(query)
    const encrypt = given ? cipherOf(given.echostr) : undefined
    if (!given?.msg_signature || !given.timestamp || !given.nonce || !encrypt) return refuse(400, 'wecom.bad_request')
    if (!sameSignature(signatureOf(settings.token, given.timestamp, given.nonce, encrypt), given.msg_signature)) {
      return refuse(403, 'wecom.signature_mismatch')
    }
    if (!SECONDS.test(given.timestamp)) return refuse(400, 'wecom.bad_request')
    if (!isFresh(Number(given.timestamp) * 1000, FRESH_MS, deps)) return refuse(403, 'wecom.timestamp_stale')
    const opened = open(encrypt)
    if (!opened) return refuse(400, 'wecom.cipher_invalid')
    if (opened.receiveId !== settings.corpId) return refuse(403, 'wecom.receive_id_mismatch')
    return opened.message
  }

  const verify = (query: string): CallbackAnswer => {
    const echo = unseal(query, echostr => echostr)
    return typeof echo === 'string' ? { status: 200, body: echo, type: 'text/plain' } : echo
  }

  const receive = async (query: string, body: Buffer): Promise<CallbackAnswer> => {
    if (body.length > MAX_CALLBACK_BYTES) return refuse(413, 'wecom.body_too_large')
    const inner = unseal(query, () => {
      // The envelope is ASCII; a DTD has no business in it.
      const envelope = body.toString('latin1')
      const found = envelope.includes('<!DOCTYPE') ? null : ENCRYPT.exec(envelope)
      return found?.[1] ?? found?.[2]
    })
    if (typeof inner !== 'string') return inner
    const reading = readInner(inner, app)
    try {
      if (reading.kind === 'delivery') return await take(reading.delivery)
      if (reading.kind === 'unreadable') {
        log.warn({ code: reading.reason, app: app.app }, 'callback quarantined')
        await sink.quarantine({ ...app, reason: reading.reason, body: inner })
      }
      return ACCEPTED
    } catch (error) {
      // Not stored: a failure status brings the delivery back.
      log.error({ code: 'wecom.not_stored', app: app.app, err: error }, 'callback could not be stored')
      return refusal(500, 'wecom.not_stored')
    }
  }

  /** Stored, and answered with the clicked card where that is switched on and the result is there in time. */
  const take = async (delivery: Delivery): Promise<CallbackAnswer> => {
    const { event } = delivery
    const waits = settings.passiveCards && event.type === 'card_action'
    const { card } = await sink.accept(delivery, waits ? { waitMs: PASSIVE_WAIT_MS } : {})
    const nowMs = deps.clock.now()
    const inner = waits && card ? passiveCard(settings, event.userId, card, nowMs) : null
    return inner === null ? ACCEPTED : { status: 200, type: 'text/xml', body: sealReply(settings, inner, nowMs) }
  }

  const middleware = asKoa(
    (ctx, body) => (ctx.method === 'GET' ? Promise.resolve(verify(ctx.querystring)) : receive(ctx.querystring, body)),
    () => refuse(413, 'wecom.body_too_large'),
  )
  return { verify, receive, middleware }
}

const SECONDS = /^\d{1,11}$/
