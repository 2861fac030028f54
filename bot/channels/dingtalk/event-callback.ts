import { randomBytes } from 'node:crypto'
import { encrypt } from '@wecom/crypto'
import { z } from 'zod'
import { sha256 } from '../../../common/ids.ts'
import type { InboundSink } from '../../../handlers/kernel/ports.ts'
import {
  type CallbackAnswer,
  createOpener,
  type FreshnessClocks,
  isFresh,
  parseQuery,
  sameSignature,
  signatureOf,
} from '../shared/index.ts'
import { parseJson, readEvent } from './inbound.ts'
import type { DingTalkSettings } from './settings.ts'

/** The platform's own rule for robot messages (page "机器人接收消息"); for events it names none. */
export const FRESH_MS = 3_600_000

export interface EventCallbackDeps extends FreshnessClocks {
  sink: InboundSink
  refuse(status: number, code: string): CallbackAnswer
  quarantine(reason: string, body: string): Promise<void>
}

const envelope = z.object({ encrypt: z.string().min(1) })
const head = z.object({
  EventType: z.string().min(1).max(128),
  CorpId: z.string().optional(),
  EventTime: z.coerce.number().int().positive().optional().catch(undefined),
})
const MILLIS = /^\d{1,15}$/

/**
 * Events of the organisation over HTTP (page "事件订阅", HTTP 推送), `check_url` among them, which is sent when the address is saved. Each is answered
 * with an encrypted `success`, due within 2.5 s; whatever fails comes again.
 *
 * Refusals: `dingtalk.events_not_set_up`, `dingtalk.bad_request`, `dingtalk.signature_mismatch`, `dingtalk.timestamp_stale`, `dingtalk.cipher_invalid`,
 * `dingtalk.owner_mismatch`.
 */
export function createEventCallback(settings: DingTalkSettings, deps: EventCallbackDeps) {
  const { events, corpId, clientId } = settings
  const { clock, refuse } = deps
  if (!events) return async (): Promise<CallbackAnswer> => refuse(403, 'dingtalk.events_not_set_up')
  const { token, aesKey } = events
  const open = createOpener(aesKey)

  const taken = (owner: string): CallbackAnswer => {
    const cipher = encrypt(aesKey, 'success', owner)
    const timeStamp = String(clock.now())
    const nonce = randomBytes(8).toString('hex')
    const msg_signature = signatureOf(token, timeStamp, nonce, cipher)
    return { status: 200, type: 'application/json', body: JSON.stringify({ msg_signature, timeStamp, nonce, encrypt: cipher }) }
  }

  return async (query: string, body: string): Promise<CallbackAnswer> => {
    const given = parseQuery(query)
    const signature = given?.msg_signature ?? given?.signature
    const cipher = envelope.safeParse(parseJson(body)).data?.encrypt
    if (!given?.timestamp || !given.nonce || !signature || !cipher) return refuse(400, 'dingtalk.bad_request')
    if (!sameSignature(signatureOf(token, given.timestamp, given.nonce, cipher), signature))
      return refuse(403, 'dingtalk.signature_mismatch')
    if (!MILLIS.test(given.timestamp)) return refuse(400, 'dingtalk.bad_request')
    const sentAt = Number(given.timestamp)
    if (!isFresh(sentAt, FRESH_MS, deps)) return refuse(403, 'dingtalk.timestamp_stale')
    const opened = open(cipher)
    if (!opened) return refuse(400, 'dingtalk.cipher_invalid')
    // The client id where the address was saved in the console, the corp id where it was registered by the old call.
    if (opened.receiveId !== clientId && opened.receiveId !== corpId) return refuse(403, 'dingtalk.owner_mismatch')
    await take(opened.message, sentAt)
    return taken(opened.receiveId)
  }

  async function take(message: string, sentAt: number): Promise<void> {
    const json = parseJson(message)
    const event = head.safeParse(json)
    if (!event.success) return deps.quarantine('dingtalk.event_invalid', message)
    const { EventType, CorpId, EventTime } = event.data
    // `BizId` names the business in it, not the event; a repetition is the same text, encrypted anew.
    const about = { eventType: EventType, eventId: sha256(message), eventCorpId: CorpId, at: EventTime ?? sentAt }
    const reading = readEvent(json, { corp: corpId, app: clientId }, about)
    if (reading.kind === 'unreadable') return deps.quarantine(reading.reason, message)
    if (reading.kind === 'deliveries') for (const delivery of reading.deliveries) await deps.sink.accept(delivery)
  }
}
