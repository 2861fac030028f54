import { createHmac } from 'node:crypto'
import { jsonOf } from '../kernel/http.ts'
import { freshId } from '../kernel/ids.ts'
import { paramsOf } from './api/cards.ts'
import { objectOf } from './api/route.ts'
import type { Gateway } from './gateway.ts'
import type { Push } from './push.ts'
import type { Card, DingTalkState } from './state.ts'

const MESSAGE_TOPIC = '/v1.0/im/bot/messages/get'
const CARD_TOPIC = '/v1.0/card/instances/callback'
const EVENT_TOPIC = '*'
const EVENT_TIMEOUT_MS = 3000
const KEPT_PUSHES = 5000

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

/** Send one push and wait for its ack; the outcome is in the record, nothing is thrown. */
export async function deliver(state: DingTalkState, gateway: Gateway, about: About): Promise<Push> {
  const push: Push = { ...about, id: freshId('P'), at: state.clock.now(), acked: false }
  state.deliveries.push(push)
  if (state.deliveries.length > KEPT_PUSHES) state.deliveries.shift()
  state.usage.webhookAndStream += 1
  state.notifier.changed()
  const startedAt = performance.now()
  const outcome = await transport(state, gateway, about)
  if (typeof outcome === 'string') push.reason = outcome
  else Object.assign(push, { acked: true, ackMs: Math.round(performance.now() - startedAt), response: outcome.response })
  if (push.acked && about.label === 'card') applyResponse(state, about, push.response)
  state.notifier.changed()
  return push
}

type Outcome = { response: unknown } | NonNullable<Push['reason']>

async function transport(state: DingTalkState, gateway: Gateway, about: About): Promise<Outcome> {
  const isCard = about.label === 'card'
  const timeoutMs = isCard ? state.switches.cardTimeoutMs : state.switches.messageTimeoutMs
  const card = isCard ? state.cards.get(String(about.data.outTrackId)) : undefined
  if (isCard && !card?.callbackType) return 'no_callback'
  if (card?.callbackType === 'HTTP') return overHttp(state, state.cardRoutes.get(card.routeKey ?? ''), about, timeoutMs)
  if (about.topic === EVENT_TOPIC) return asEvent(state, gateway, about)
  const ack = await gateway.push(about.topic, JSON.stringify(about.data), timeoutMs)
  if (ack === undefined) return isCard ? 'no_connection' : overHttp(state, state.callbackUrl, about, timeoutMs)
  if (ack === 'timeout') return 'timeout'
  return ack.code === 200 ? { response: objectOf(ack.data)?.response } : 'timeout'
}

async function asEvent(state: DingTalkState, gateway: Gateway, { label, data }: About): Promise<Outcome> {
  const { eventId, ...body } = data
  const headers = {
    eventType: label,
    eventId: String(eventId),
    eventCorpId: state.corpId,
    eventBornTime: String(state.clock.now()),
    eventUnifiedAppId: state.clientId,
  }
  const ack = await gateway.push(EVENT_TOPIC, JSON.stringify(body), EVENT_TIMEOUT_MS, { type: 'EVENT', headers })
  if (ack === undefined) return 'no_connection'
  return ack === 'timeout' ? 'timeout' : { response: ack.data }
}

async function overHttp(state: DingTalkState, address: string | undefined, { data }: About, timeoutMs: number): Promise<Outcome> {
  if (!address) return 'no_connection'
  const timestamp = String(state.clock.now())
  const sign = createHmac('sha256', state.clientSecret).update(`${timestamp}\n${state.clientSecret}`).digest('base64')
  const headers = { 'content-type': 'application/json; charset=utf-8', timestamp, sign }
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
