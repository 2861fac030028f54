import { randomBytes, randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { encrypt, getSignature } from '@wecom/crypto'
import { EmulatorError } from '../kernel/errors.ts'
import { freshId, nineteenDigits } from '../kernel/ids.ts'
import type { Attempt, CallbackFault, Delivery, Verification } from './delivery.ts'
import { applyPassiveReply } from './passive.ts'
import type { WeComState } from './state.ts'
import { xmlChildren } from './xml.ts'

const RETRIES = 3
const VERIFY_DEADLINE_MS = 1000
const KEPT_DELIVERIES = 5000

/** What a forged callback may change; anything not given is done right. */
export interface RawCallback {
  /** Encrypted as it is into an otherwise right envelope. */
  innerXml?: string
  /** The whole request body, instead of an envelope. */
  body?: string
  /** Query parameters that replace the right ones; undefined removes one. */
  query?: Record<string, string | undefined>
  signature?: string
  timestamp?: string
  nonce?: string
  token?: string
  encodingAesKey?: string
  receiveId?: string
  method?: string
  headers?: Record<string, string>
}

/** Save the callback address: the GET of vendor page 回调配置, byte-equal echo within one second. */
export async function verifyUrl(state: WeComState): Promise<Verification> {
  const echo = nineteenDigits()
  // A ciphertext with + and / shows whether the service decodes its query exactly once.
  let echostr = encrypt(state.encodingAesKey, echo, state.corpId)
  while (!/\+/.test(echostr) || !/\//.test(echostr)) echostr = encrypt(state.encodingAesKey, echo, state.corpId)
  const timestamp = seconds(state)
  const nonce = randomBytes(5).toString('hex')
  const query = new URLSearchParams({
    msg_signature: getSignature(state.token, timestamp, nonce, echostr),
    timestamp,
    nonce,
    echostr,
  })
  const got = await attempt(state, addressOf(state, query), { method: 'GET' }, VERIFY_DEADLINE_MS)
  const ok = got.status === 200 && got.body === echo
  state.callback.verified = ok
  const reason = ok ? {} : { reason: got.error ?? `期望 HTTP 200 与 ${echo},收到 ${got.status} ${got.body.slice(0, 60)}` }
  return { ok, status: got.status, body: got.body, ms: got.ms, ...reason }
}

/** Deliver an inner XML as the vendor pages 企业内部开发: 5 s deadline, up to three retries, fresh ciphertext each, the passive reply applied. */
export async function deliver(state: WeComState, about: { label: string; userId: string; innerXml: string }): Promise<Delivery> {
  const delivery: Delivery = {
    ...about,
    id: freshId('D'),
    at: state.clock.now(),
    status: 0,
    body: '',
    ms: 0,
    attempts: [],
    warnings: [],
  }
  state.deliveries.push(delivery)
  if (state.deliveries.length > KEPT_DELIVERIES) state.deliveries.shift()
  state.notifier.changed()
  const fault = state.callbackFaults.shift()
  if (fault?.kind === 'drop') return delivery
  if (fault?.kind === 'reorder') {
    state.held.push(() => carry(state, delivery))
    return delivery
  }
  await carry(state, delivery, fault)
  if (fault?.kind === 'duplicate') await carry(state, delivery)
  for (const late of state.held.splice(0)) await late()
  return delivery
}

async function carry(state: WeComState, delivery: Delivery, fault?: CallbackFault): Promise<void> {
  if (fault?.kind === 'delay') await sleep(fault.ms ?? 0)
  const startedAt = performance.now()
  for (let tries = 0; tries <= RETRIES; tries++) {
    if (tries > 0) await sleep(state.switches.retryDelayMs)
    const { query, body } = envelope(state, { innerXml: delivery.innerXml })
    const answered = await post(state, query, body)
    const isLost = fault?.kind === 'lose_answer' && tries === 0
    const heard = isLost ? { ...answered, status: 0, body: '', error: 'the answer was lost' } : answered
    delivery.attempts.push(heard)
    Object.assign(delivery, { status: heard.status, body: heard.body, ms: Math.round(performance.now() - startedAt) })
    if (heard.status === 200 || (heard.status !== 0 && !state.switches.retryOnStatus)) break
  }
  if (delivery.status === 200) applyPassiveReply(state, delivery)
  state.notifier.changed()
}

/** Send one forged or damaged callback, once, and hand back what the service said. */
export async function sendRaw(state: WeComState, raw: RawCallback): Promise<Attempt> {
  const { query, body } = envelope(state, raw)
  return post(state, query, raw.body ?? body, raw)
}

function envelope(state: WeComState, raw: RawCallback): { query: URLSearchParams; body: string } {
  const cipher = encrypt(raw.encodingAesKey ?? state.encodingAesKey, raw.innerXml ?? '', raw.receiveId ?? state.corpId)
  const timestamp = raw.timestamp ?? seconds(state)
  const nonce = raw.nonce ?? randomBytes(5).toString('hex')
  const signature = raw.signature ?? getSignature(raw.token ?? state.token, timestamp, nonce, cipher)
  const query = new URLSearchParams({ msg_signature: signature, timestamp, nonce })
  for (const [name, value] of Object.entries(raw.query ?? {})) {
    if (value === undefined) query.delete(name)
    else query.set(name, value)
  }
  const elements = [{ ToUserName: state.corpId }, { AgentID: String(state.agentId) }, { Encrypt: cipher }]
  // The official samples differ in the order of the three elements.
  const turn = randomInt(elements.length)
  const ordered = [...elements.slice(turn), ...elements.slice(0, turn)]
  return { query, body: `<xml>${ordered.map(fields => xmlChildren(fields)).join('')}</xml>` }
}

const seconds = (state: WeComState) => String(Math.floor(state.clock.now() / 1000))

function addressOf(state: WeComState, query: URLSearchParams): string {
  if (!state.callback.url) throw new EmulatorError('callback.not_configured', '还没有设置企业微信回调地址')
  return `${state.callback.url}${state.callback.url.includes('?') ? '&' : '?'}${query}`
}

function post(state: WeComState, query: URLSearchParams, body: string, raw: RawCallback = {}): Promise<Attempt> {
  const method = raw.method ?? 'POST'
  const headers = { 'content-type': 'text/xml', ...raw.headers }
  return attempt(state, addressOf(state, query), { method, headers, body }, state.switches.callbackTimeoutMs)
}

/** One HTTP request to the service; status 0 and the reason when no answer came in time. */
export async function attempt(state: WeComState, address: string, init: RequestInit, timeoutMs: number): Promise<Attempt> {
  const startedAt = performance.now()
  const done = (rest: { status: number; body: string; error?: string }): Attempt => ({
    at: state.clock.now(),
    ms: Math.round(performance.now() - startedAt),
    ...rest,
  })
  try {
    const response = await fetch(address, { ...init, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) })
    return done({ status: response.status, body: await response.text() })
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    return done({ status: 0, body: '', error: cause })
  }
}
