/** The AI bot beside the app, as its console page describes it; vendor page 智能机器人. */
export interface BotSettings {
  /** `aibotid`; what the long connection calls `bot_id`. */
  id: string
  /** Webhook mode: Token and EncodingAESKey of 接收消息. */
  token?: string
  encodingAesKey?: string
  callbackUrl?: string
  /** Long-connection mode: its secret. The two modes exclude each other. */
  secret?: string
  /** Otherwise members come under sealed ids. Default true. */
  creatorIsSuperAdmin?: boolean
  /** How often a stream that is not finished is asked for, in real milliseconds †. */
  pollMs?: number
}

/** One bubble in a chat with the bot. */
export interface BotMessage {
  from: 'user' | 'bot'
  msgtype: string
  text: string
  card?: Record<string, unknown>
  /** Streams: has the last frame come? */
  finished: boolean
  at: number
}

/** A message of a person that the bot may answer. */
export interface Exchange {
  reqId: string
  chat: string
  kind: 'message' | 'enter_chat'
  at: number
  /** The bubble that the stream writes into. */
  bubble?: BotMessage
  streamId?: string
  streamAt?: number
  answered: boolean
  finished: Promise<void>
  finish(): void
}

export interface BotState {
  settings: BotSettings
  chats: Map<string, BotMessage[]>
  exchanges: Map<string, Exchange>
  /** response_code → exchange; once, for an hour. */
  responses: Map<string, { exchange: Exchange; expiresAt: number; used: boolean }>
  /** Times of frames to a chat, for the limits. */
  sends: Map<string, number[]>
}

export const freshBot = (settings: BotSettings): BotState => ({
  settings,
  chats: new Map(),
  exchanges: new Map(),
  responses: new Map(),
  sends: new Map(),
})

/** A conversation of somebody with the bot, or a group's. */
export function botChat(bot: BotState, chat: string): BotMessage[] {
  const known = bot.chats.get(chat)
  if (known) return known
  const fresh: BotMessage[] = []
  bot.chats.set(chat, fresh)
  return fresh
}
