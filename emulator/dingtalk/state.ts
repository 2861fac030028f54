import type { ApiCall } from '../kernel/calls.ts'
import type { EmulatorClock } from '../kernel/clock.ts'
import type { CompanySeed, Directory } from '../kernel/company.ts'
import type { FaultBook } from '../kernel/faults.ts'
import type { UploadedFile } from '../kernel/multipart.ts'
import type { Notifier } from '../kernel/notifier.ts'
import type { Violation } from '../kernel/violation.ts'
import type { DeliveryFaults } from './delivery-faults.ts'
import type { Push } from './push.ts'

export type Params = Record<string, string>

/** What a robot message shows: words, and link buttons when it is an action card. */
export interface Content {
  title?: string
  text: string
  buttons?: { text: string; url: string }[]
  raw: Record<string, unknown>
}

export interface ChatEntry {
  msgid: string
  from: 'app' | 'user'
  /** Who wrote it, in a group. */
  userId?: string
  content?: Content
  outTrackId?: string
  recalled: boolean
  at: number
}

/** An interactive card; vendor page 互动卡片. */
export interface Card {
  outTrackId: string
  callbackType: string | undefined
  routeKey: string | undefined
  params: Params
  privateParams: Map<string, Params>
  at: number
}

export interface Group {
  conversationId: string
  title: string
  members: string[]
  messages: ChatEntry[]
}

export interface Session {
  userId: string
  conversationId: string | undefined
  expiresAt: number
}

export interface DingTalkIdentity {
  clientId: string
  clientSecret: string
  corpId: string
  agentId: string | undefined
  cardTemplateId: string | undefined
  groupTemplateId: string | undefined
  eventKeys: EventKeys | undefined
}

/** Switches for what the documents leave open. */
export interface DingTalkSwitches {
  /** Interval of SYSTEM/ping frames; 0: none. */
  pollMs: number
  /** How long a robot message waits for its ack. */
  messageTimeoutMs: number
  /** How long a person waits for a card button. */
  cardTimeoutMs: number
  /** Calls per second and API, in real time. */
  callsPerSecond: number
  /** Answer a known outTrackId with param.cardAlreadyExist instead of ignoring the new data. */
  refuseKnownCards: boolean
  /** Metered API calls a month, for the whole organisation; standard edition 5,000. */
  monthlyApiCalls: number
  /** Robot messages, webhook sends and events (but those of contacts) a month; standard edition 3,000. */
  monthlyPushes: number
  /** How often an event without a success comes again, and after how many real milliseconds. The platform's own schedule is not told. */
  eventRetries: number
  eventRetryMs: number
}

/** What the console's page 事件订阅 › HTTP 推送 shows: token and key of the app's events. */
export interface EventKeys {
  token: string
  aesKey: string
}

export interface DingTalkState extends DingTalkIdentity {
  clock: EmulatorClock
  switches: DingTalkSwitches
  company: CompanySeed
  directory: Directory
  callbackUrl: string | undefined
  /** Where events go over HTTP; undefined: by the stream. */
  eventUrl: string | undefined
  cardRoutes: Map<string, { url: string; apiSecret: string }>
  tokens: Map<string, number>
  current: string | undefined
  userTokens: Map<string, { unionId: string; expiresAt: number }>
  authCodes: Map<string, { userId: string; kind: 'app' | 'web'; expiresAt: number; used: boolean }>
  jsTicket: { value: string; madeAt: number; expiresAt: number } | undefined
  chats: Map<string, ChatEntry[]>
  groups: Map<string, Group>
  /** What a `uuid` of a group creation was answered with. */
  groupRequests: Map<string, { open_conversation_id: string; chat_id: string }>
  cards: Map<string, Card>
  sessions: Map<string, Session>
  files: Map<string, UploadedFile>
  todos: Map<string, Record<string, unknown>>
  notices: Map<number, { users: string[]; msgid: string }>
  /** processQueryKey → where the message is shown. */
  sent: Map<string, { users: string[]; conversationId?: string }>
  recentCalls: Map<string, number[]>
  /** Calls that count against the monthly quotas (vendor page 调用频率限制). */
  usage: { month: string; api: number; webhookAndStream: number }
  /** Is the service's address on the app's list? */
  ipAllowed: boolean
  /** People to whom the platform lets nothing more through for now. */
  flowControlled: Set<string>
  deliveryFaults: DeliveryFaults
  violations: Violation[]
  calls: ApiCall[]
  deliveries: Push[]
  faults: FaultBook
  phones: Map<string, string>
  notifier: Notifier
  baseUrl: string
}

/** A person's single chat with the robot, created at its first bubble. */
export function chatOf(state: DingTalkState, userId: string): ChatEntry[] {
  const known = state.chats.get(userId)
  if (known) return known
  const fresh: ChatEntry[] = []
  state.chats.set(userId, fresh)
  return fresh
}

/** A group that has the robot in it; it comes into being when first named. */
export function groupOf(state: DingTalkState, conversationId: string): Group {
  const known = state.groups.get(conversationId)
  if (known) return known
  const fresh: Group = { conversationId, title: '项目群', members: [], messages: [] }
  state.groups.set(conversationId, fresh)
  return fresh
}
