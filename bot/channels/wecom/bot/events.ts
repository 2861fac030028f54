import { z } from 'zod'
import type { Delivery, InboundEvent } from '../../../../common/inbound.ts'

/** What comes from the platform, decrypted (page 智能机器人 › 接收消息): the same JSON in both modes. */
const words = z.object({ content: z.string() })
const callback = z.object({
  msgid: z.string().min(1).max(128),
  create_time: z.number().optional(),
  aibotid: z.string().optional(),
  chatid: z.string().max(128).optional(),
  chattype: z.enum(['single', 'group']).optional(),
  from: z.object({ userid: z.string().min(1).max(128) }).optional(),
  response_url: z.string().max(2048).optional(),
  msgtype: z.string(),
  text: words.optional(),
  voice: words.optional(),
  mixed: z.object({ msg_item: z.array(z.object({ msgtype: z.string(), text: words.optional() })) }).optional(),
  stream: z.object({ id: z.string().min(1).max(256) }).optional(),
  event: z.object({ eventtype: z.string() }).optional(),
})

export type BotCallback = z.infer<typeof callback>

/** A message or an opening to answer, a question for the rest of an answer, or nothing of ours. */
export type BotReading =
  | { kind: 'said'; callback: BotCallback; sender: string; event: Said }
  | { kind: 'poll'; streamId: string }
  | { kind: 'kicked' }
  | { kind: 'ignored' }
  | { kind: 'unreadable'; reason: string }

type Said = { type: 'text'; text: string } | { type: 'enter' } | { type: 'other_message'; kind: string }

/** In a group the text begins with the bot's name as it was called. */
const MENTION = /^\s*@\S+\s*/

/** Understand one callback of the bot. Cards are shown by the app, so clicks and feedback are none of ours. */
export function readBot(value: unknown): BotReading {
  const parsed = callback.safeParse(value)
  if (!parsed.success) return { kind: 'unreadable', reason: 'wecom.bot_message_invalid' }
  const given = parsed.data
  if (given.msgtype === 'stream') return given.stream ? { kind: 'poll', streamId: given.stream.id } : { kind: 'ignored' }
  if (given.msgtype === 'event') {
    if (given.event?.eventtype === 'disconnected_event') return { kind: 'kicked' }
    if (given.event?.eventtype !== 'enter_chat' || !given.from) return { kind: 'ignored' }
    return { kind: 'said', callback: given, sender: given.from.userid, event: { type: 'enter' } }
  }
  if (!given.from) return { kind: 'unreadable', reason: 'wecom.bot_sender_missing' }
  return { kind: 'said', callback: given, sender: given.from.userid, event: saidIn(given) }
}

function saidIn({ msgtype, text, voice, mixed, chattype }: BotCallback): Said {
  const all = text?.content ?? voice?.content ?? mixed?.msg_item.map(item => item.text?.content ?? '').join('\n')
  if (all === undefined || all.trim() === '') return { type: 'other_message', kind: msgtype }
  return { type: 'text', text: chattype === 'group' ? all.replace(MENTION, '') : all }
}

/** The event as the product takes it. `replyTo` leads the answer back to this message. */
export function botDelivery(
  app: { corp: string; bot: string },
  { callback: given, event }: Extract<BotReading, { kind: 'said' }>,
  userId: string,
  replyTo: string,
  nowMs: number,
): Delivery {
  const conversation: InboundEvent['conversation'] =
    given.chattype === 'group' && given.chatid ? { kind: 'group', id: given.chatid } : { kind: 'single' }
  const at = given.create_time === undefined ? nowMs : given.create_time * 1000
  const base = { platform: 'wecom', corp: app.corp, app: `bot:${app.bot}`, userId, conversation, at, replyTo }
  return { key: `wecom:${app.corp}:bot:${app.bot}:${given.msgid}`, event: { ...base, ...event } }
}
