import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { jsonOf } from '../kernel/http.ts'
import { objectOf } from './api/route.ts'
import type { DingTalkState, EventKeys } from './state.ts'

/** The answer is due within this; older pages say 1,500 ms. */
const DEADLINE_MS = 2500
const BLOCK = 32
const HEAD = 20

/** Why the platform does not take an answer for a success; undefined: it does. */
export type EventComplaint = string | undefined

/** Encrypted for this app: 16 random bytes, length, message, owner key, padded to 32 (vendor page 事件订阅 › HTTP 推送). */
export function sealEvent(aesKey: string, owner: string, message: string, random = randomBytes(16)): string {
  const text = Buffer.from(message)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  const plain = Buffer.concat([random, length, text, Buffer.from(owner)])
  const pad = BLOCK - (plain.length % BLOCK)
  const key = Buffer.from(`${aesKey}=`, 'base64')
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
  return Buffer.concat([cipher.update(Buffer.concat([plain, Buffer.alloc(pad, pad)])), cipher.final()]).toString('base64')
}

/** The message and the owner key inside. @throws when it is not such a text */
export function openEvent(aesKey: string, sealed: string): { message: string; owner: string } {
  const key = Buffer.from(`${aesKey}=`, 'base64')
  const cipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
  const padded = Buffer.concat([cipher.update(Buffer.from(sealed, 'base64')), cipher.final()])
  const plain = padded.subarray(0, padded.length - (padded.at(-1) ?? 0))
  const end = HEAD + plain.readUInt32BE(16)
  return { message: plain.toString('utf8', HEAD, end), owner: plain.toString('utf8', end) }
}

export const signEvent = (token: string, timestamp: string, nonce: string, sealed: string): string =>
  createHash('sha1').update([token, timestamp, nonce, sealed].sort().join('')).digest('hex')

/** The body of an event over HTTP: names begin with a capital letter there. */
export const bodyOf = (state: DingTalkState, eventType: string, data: Record<string, unknown>): Record<string, unknown> => ({
  EventType: eventType,
  CorpId: state.corpId,
  ...Object.fromEntries(Object.entries(data).map(([name, value]) => [name.charAt(0).toUpperCase() + name.slice(1), value])),
})

/** Post one event, encrypted anew, and judge the answer. */
export async function postEvent(state: DingTalkState, body: Record<string, unknown>): Promise<EventComplaint> {
  const { eventKeys, eventUrl, clientId } = state
  if (!eventKeys || !eventUrl) return 'no event address'
  const sealed = sealEvent(eventKeys.aesKey, clientId, JSON.stringify(body))
  const timestamp = String(state.clock.now())
  const nonce = randomBytes(6).toString('base64')
  const signature = signEvent(eventKeys.token, timestamp, nonce, sealed)
  const query = new URLSearchParams({ msg_signature: signature, signature, timestamp, nonce })
  try {
    const answer = await fetch(`${eventUrl}?${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ encrypt: sealed }),
      signal: AbortSignal.timeout(DEADLINE_MS),
    })
    return judge(eventKeys, clientId, answer.status, await answer.text())
  } catch (error) {
    return `no answer: ${String(error)}`
  }
}

function judge({ token, aesKey }: EventKeys, owner: string, status: number, text: string): EventComplaint {
  if (status !== 200) return `HTTP ${status} ${text.slice(0, 100)}`
  const { msg_signature, timeStamp, nonce, encrypt } = objectOf(jsonOf(text)) ?? {}
  if (![msg_signature, timeStamp, nonce, encrypt].every(value => typeof value === 'string')) return 'not the four fields'
  if (signEvent(token, String(timeStamp), String(nonce), String(encrypt)) !== msg_signature) return 'wrong signature'
  try {
    const opened = openEvent(aesKey, String(encrypt))
    if (opened.owner !== owner) return `for ${opened.owner}`
    return opened.message === 'success' ? undefined : `says ${opened.message.slice(0, 100)}`
  } catch {
    return 'cannot be decrypted'
  }
}
