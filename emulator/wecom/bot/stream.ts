import type { WeComState } from '../state.ts'
import { type BotState, botChat, type Exchange } from './state.ts'

const CONTENT_BYTES = 20_480

/** Why a reply shows nothing, or null when it was shown. */
export type Fault = string | null

/** Note that the service sent something that the page does not allow. */
export function complain(state: WeComState, field: string, detail: string): void {
  state.violations.push({ at: state.clock.now(), path: 'aibot', kind: 'wrong_type', field, detail })
}

/** Show what the service answered to a message: a stream frame, a card or both (page 被动回复消息). */
export function showReply(state: WeComState, bot: BotState, exchange: Exchange, reply: Record<string, unknown>): Fault {
  const type = String(reply.msgtype ?? '')
  if (type === 'stream') return showStream(state, bot, exchange, reply.stream)
  if (type === 'stream_with_template_card') {
    const fault = showStream(state, bot, exchange, reply.stream)
    return fault ?? showCard(state, bot, exchange, reply.template_card)
  }
  if (type === 'template_card') return showCard(state, bot, exchange, reply.template_card)
  if (type === 'text' && exchange.kind === 'enter_chat') {
    push(state, bot, exchange, { msgtype: type, text: String((reply.text as { content?: unknown } | undefined)?.content ?? '') })
    exchange.finish()
    return null
  }
  complain(state, 'msgtype', `${type} 不能用来回复用户消息`)
  return 'msgtype not allowed'
}

function push(state: WeComState, bot: BotState, exchange: Exchange, message: { msgtype: string; text: string }) {
  const bubble = { ...message, from: 'bot' as const, finished: true, at: state.clock.now() }
  botChat(bot, exchange.chat).push(bubble)
  state.notifier.changed()
  return bubble
}

function showCard(state: WeComState, bot: BotState, exchange: Exchange, card: unknown): Fault {
  if (typeof card !== 'object' || card === null) return 'template_card missing'
  const shown = card as Record<string, unknown>
  Object.assign(push(state, bot, exchange, { msgtype: 'template_card', text: '' }), { card: shown })
  exchange.finish()
  return null
}

function showStream(state: WeComState, bot: BotState, exchange: Exchange, value: unknown): Fault {
  const stream = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const { id, finish = false, content = '' } = stream
  if (typeof id !== 'string' || id === '') return 'stream.id missing'
  if (typeof content !== 'string' || Buffer.byteLength(content) > CONTENT_BYTES) {
    complain(state, 'stream.content', `超过 ${CONTENT_BYTES} 字节`)
    return 'stream.content too long'
  }
  if (exchange.streamId !== undefined && exchange.streamId !== id) {
    complain(state, 'stream.id', '同一条消息只能有一个流')
    return 'stream.id changed'
  }
  if (stream.msg_item !== undefined && finish !== true) complain(state, 'stream.msg_item', '只能在 finish=true 时出现')
  exchange.streamId = id
  exchange.streamAt ??= state.clock.now()
  const bubble = exchange.bubble ?? { ...push(state, bot, exchange, { msgtype: 'stream', text: '' }) }
  if (exchange.bubble === undefined) {
    const chat = botChat(bot, exchange.chat)
    chat[chat.length - 1] = bubble
    exchange.bubble = bubble
  }
  if (bubble.finished && bubble.text !== '' && exchange.answered) return 'already finished'
  bubble.text = content
  bubble.finished = finish === true
  exchange.answered = bubble.finished
  state.notifier.changed()
  if (bubble.finished) exchange.finish()
  return null
}
