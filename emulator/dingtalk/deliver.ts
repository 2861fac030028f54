import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { jsonOf } from '../kernel/http.ts'
import { freshId } from '../kernel/ids.ts'
import { paramsOf } from './api/cards.ts'
import { objectOf } from './api/route.ts'
import type { DeliveryFault } from './delivery-faults.ts'
import { bodyOf, postEvent } from './event-http.ts'
import type { Gateway } from './gateway.ts'
import type { Push } from './push.ts'
import { meter } from './quota.ts'
import type { Card, DingTalkState } from './state.ts'

const MESSAGE_TOPIC = '/v1.0/im/bot/messages/get'
const CARD_TOPIC = '/v1.0/card/instances/callback'
const EVENT_TOPIC = '*'
const EVENT_TIMEOUT_MS = 3000
const KEPT_PUSHES = 5000
const REORDER_MS = 1000

export type About = Pick<Push, 'label' | 'userId' | 'topic' | 'data'>

/** A robot message on its way: by Stream, or to the callback address in HTTP mode (vendor page 机器人收发消息). */
export const messagePush = (userId: string, data: Record<string, unknown>): About => ({
  label: 'message',
  userId,
  topic: MESSAGE_TOPIC,
  data,
})

/** A card click on its way (vendor page 互动卡片). */
export const cardPush = (userId: string, data: Record<string, unknown>): About => ({
  label: 'card',
  userId,
  topic: CARD_TOPIC,
  data,
})

/** An event on its way; its id is kept over redeliveries (vendor page Stream 模式). */
export const eventPush = (eventType: string, data: Record<string, unknown>): About => ({
  label: eventType,
  userId: '',
  topic: EVENT_TOPIC,
  data,
})

/** Events of contacts cost nothing of the quota. */
const FREE_EVENT = /^(user_|org_|label_)/

const kindOf = ({ topic, label }: About): DeliveryFault['about'] =>
  topic === EVENT_TOPIC ? 'event' : label === 'card' ? 'card' : 'message'

/** Send one push and wait for its ack; the outcome is in the record, nothing is thrown. */
export async function deliver(state: DingTalkState, gateway: Gateway, about: About): Promise<Push> {
  const isFree = about.topic === EVENT_TOPIC && FREE_EVENT.test(about.label)
  const isPaid = isFree || meter(state, 'webhookAndStream')
  const asSent = isPaid || kindOf(about) !== 'message' ? about : { ...about, data: withoutContent(about.data) }
  const push: Push = { ...asSent, id: freshId('P'), at: state.clock.now(), acked: false }
  state.deliveries.push(push)
  if (state.deliveries.length > KEPT_PUSHES) state.deliveries.shift()
  state.notifier.changed()
  const startedAt = performance.now()
  const outcome = await withFaults(state, gateway, asSent)
  if (typeof outcome === 'string') push.reason = outcome
  else Object.assign(push, { acked: true, ackMs: Math.round(performance.now() - startedAt), response: outcome.response })
  if (push.acked && about.label === 'card') applyResponse(state, about, push.response)
  state.notifier.changed()
  return push
}

/** What a robot message looks like when the quota is used up (vendor page 机器人接收消息). */
function withoutContent({ text: _text, content: _content, ...rest }: Record<string, unknown>): Record<string, unknown> {
  return { ...rest, errorCode: '20001', errorMessage: '本月 Webhook 与 Stream 调用次数已用完' }
}

async function withFaults(state: DingTalkState, gateway: Gateway, about: About): Promise<Outcome> {
  const kind = kindOf(about)
  const fault = state.deliveryFaults.take(kind)
  if (fault?.kind === 'drop') return 'dropped'
  if (fault?.kind === 'delay') await sleep(fault.delayMs ?? 0)
  if (fault?.kind === 'reorder') await state.deliveryFaults.next(kind, fault.delayMs ?? REORDER_MS)
  const sending = transport(state, gateway, about)
  state.deliveryFaults.sent(kind)
  const twin = fault?.kind === 'duplicate' ? transport(state, gateway, about) : undefined
  const outcome = await sending
  await twin
  return outcome
}

type Outcome = { response: unknown } | NonNullable<Push['reason']>

async function transport(state: DingTalkState, gateway: Gateway, about: About): Promise<Outcome> {
  const isCard = about.label === 'card'
  const timeoutMs = isCard ? state.switches.cardTimeoutMs : state.switches.messageTimeoutMs
  const card = isCard ? state.cards.get(String(about.data.outTrackId)) : undefined
  if (isCard && !card?.callbackType) return 'no_callback'
  if (card?.callbackType === 'HTTP') {
    const route = state.cardRoutes.get(card.routeKey ?? '')
    return overHttp(route?.url, about, timeoutMs, route && cardSignature(state, route.apiSecret))
  }
  if (about.topic === EVENT_TOPIC) return eventUntilTaken(state, gateway, about)
  const ack = await gateway.push(about.topic, JSON.stringify(about.data), timeoutMs)
  if (ack === undefined) return isCard ? 'no_connection' : overHttp(state.callbackUrl, about, timeoutMs, messageSignature(state))
  if (ack === 'timeout') return 'timeout'
  return ack.code === 200 ? { response: objectOf(ack.data)?.response } : 'timeout'
}

/** An event comes again while nobody says SUCCESS, in a frame of its own and with its own id kept. */
async function eventUntilTaken(state: DingTalkState, gateway: Gateway, about: About): Promise<Outcome> {
  for (let retry = 0; ; retry += 1) {
    const outcome = await asEvent(state, gateway, about)
    const isTaken = typeof outcome !== 'string' && objectOf(outcome.response)?.status === 'SUCCESS'
    if (isTaken || retry >= state.switches.eventRetries) return outcome
    await sleep(state.switches.eventRetryMs)
  }
}

async function asEvent(state: DingTalkState, gateway: Gateway, { label, data }: About): Promise<Outcome> {
  const { eventId, eventBornTime, ...body } = data
  if (state.eventUrl)
    return (await postEvent(state, bodyOf(state, label, { eventTime: eventBornTime, ...body })))
      ? 'timeout'
      : { response: { status: 'SUCCESS' } }
  const headers = {
    eventType: label,
    eventId: String(eventId),
    eventCorpId: state.corpId,
    eventBornTime: String(eventBornTime),
    eventUnifiedAppId: state.clientId,
  }
  const ack = await gateway.push(EVENT_TOPIC, JSON.stringify(body), EVENT_TIMEOUT_MS, { type: 'EVENT', headers })
  if (ack === undefined) return 'no_connection'
  return ack === 'timeout' ? 'timeout' : { response: ack.data }
}

/** Headers of a robot message in HTTP mode (vendor page 机器人接收消息). */
function messageSignature({ clock, clientSecret }: DingTalkState): Record<string, string> {
  const timestamp = String(clock.now())
  return { timestamp, sign: createHmac('sha256', clientSecret).update(`${timestamp}\n${clientSecret}`).digest('base64') }
}

/** Headers of a card callback whose address was registered with a secret (vendor page 注册卡片回调地址). */
function cardSignature({ clock }: DingTalkState, apiSecret: string): Record<string, string> {
  if (!apiSecret) return {}
  const timestamp = String(clock.now())
  const sign = createHmac('sha256', apiSecret).update(timestamp).digest('base64')
  return { 'x-ddpaas-signature-timestamp': timestamp, 'x-ddpaas-signature': sign }
}

async function overHttp(
  address: string | undefined,
  { data, label }: About,
  timeoutMs: number,
  signature: Record<string, string> = {},
): Promise<Outcome> {
  if (!address) return label === 'card' ? 'no_callback' : 'no_connection'
  const headers = { 'content-type': 'application/json; charset=utf-8', ...signature }
  try {
    const answer = await fetch(address, {
      method: 'POST',
      headers,
      body: JSON.stringify(data),
      signal: AbortSignal.timeout(timeoutMs),
    })
    const body = await answer.text()
    return answer.status === 200 ? { response: jsonOf(body) } : 'timeout'
  } catch {
    return 'timeout'
  }
}

/** The new face that came with the answer to a click; vendor page 互动卡片. */
function applyResponse(state: DingTalkState, { data, userId }: About, response: unknown) {
  const card = state.cards.get(String(data.outTrackId))
  const answer = objectOf(response)
  if (!card || !answer) return
  try {
    const options = objectOf(answer.cardUpdateOptions) ?? {}
    if (answer.cardData) card.params = mixed(options.updateCardDataByKey, card.params, objectOf(answer.cardData)?.cardParamMap)
    if (answer.userPrivateData) {
      const before = card.privateParams.get(userId) ?? {}
      card.privateParams.set(
        userId,
        mixed(options.updatePrivateDataByKey, before, objectOf(answer.userPrivateData)?.cardParamMap),
      )
    }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    state.violations.push({ at: state.clock.now(), path: CARD_TOPIC, kind: 'wrong_type', field: 'cardData', detail })
  }
}

function mixed(byKey: unknown, before: Card['params'], map: unknown): Card['params'] {
  const given = paramsOf(map)
  return byKey === true ? { ...before, ...given } : given
}
