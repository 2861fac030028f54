import type { ApiCall } from '../kernel/calls.ts'
import type { EmulatorClock } from '../kernel/clock.ts'
import type { CompanySeed, Directory } from '../kernel/company.ts'
import type { FaultBook } from '../kernel/faults.ts'
import type { UploadedFile } from '../kernel/multipart.ts'
import type { Notifier } from '../kernel/notifier.ts'
import type { Violation } from '../kernel/violation.ts'
import type { BotState } from './bot/state.ts'
import type { Customer } from './customers.ts'
import type { CallbackFault, Delivery } from './delivery.ts'

export type CardJson = Record<string, unknown>

/** One bubble in a member's conversation with the app; each recipient of a send has an own one. */
export interface ChatEntry {
  msgid: string
  from: 'app' | 'user'
  msgtype: string
  text?: string
  /** The card as this member sees it now. */
  card?: CardJson
  taskId?: string
  /** The grey text that replaced the buttons. */
  replaceText?: string
  recalled: boolean
  at: number
}

/** A send, with whom it reached. */
export interface SentMessage {
  msgid: string
  msgtype: string
  body: Record<string, unknown>
  recipients: string[]
  at: number
  recalled: boolean
}

/** A one-time right to change a card; vendor page 更新模版卡片消息. */
export interface ResponseCode {
  taskId: string
  msgid: string
  origin: 'send' | 'click'
  userId?: string
  expiresAt: number
  used: boolean
}

export interface OauthCode {
  identity: { userId: string } | { openId: string }
  privateInfo: boolean
  expiresAt: number
  used: boolean
}

export interface GroupChat {
  chatid: string
  name: string
  owner: string
  userlist: string[]
  messages: { msgtype: string; body: Record<string, unknown>; at: number }[]
}

export interface WeComIdentity {
  corpId: string
  agentId: number
  secret: string
  token: string
  encodingAesKey: string
}

/** Switches for what the documents leave open (marked † in the vendor pages). */
export interface WeComSwitches {
  /** Show mobiles in user/get, as apps created before 2022-06-20 see them. */
  exposeMobile: boolean
  /** Honour a passive card update in reply to a button click. */
  honourPassiveCardUpdate: boolean
  /** Treat a status other than 200 as a failed delivery and retry. */
  retryOnStatus: boolean
  /** host[:port] that OAuth may return to; undefined: any. */
  trustedDomain: string | undefined
  callbackTimeoutMs: number
  retryDelayMs: number
  /** The app is listed under 客户联系 › 可调用接口的应用. */
  canCustomer: boolean
  /** The app's visible range is the root department, which app groups demand. */
  seesEverybody: boolean
  /** 账号上限, from which the messages of a day follow. */
  accountLimit: number
  /** Leave empty lists out of the answer to message/send; both are seen. */
  omitEmptyLists: boolean
}

/** What was called how often since when, and until when it is blocked. */
export interface CallCount {
  since: number
  calls: number
  blockedUntil: number
}

export interface WeComState extends WeComIdentity {
  clock: EmulatorClock
  switches: WeComSwitches
  company: CompanySeed
  directory: Directory
  callback: { url: string | undefined; verified: boolean }
  accessToken: { value: string; expiresAt: number; revoked: boolean } | undefined
  retiredTokens: Set<string>
  badSecrets: number
  chats: Map<string, ChatEntry[]>
  sent: Map<string, SentMessage>
  /** task_id → msgid: a task id serves one send for ever. */
  tasks: Map<string, string>
  codes: Map<string, ResponseCode>
  duplicates: Map<string, number>
  /** Times of deliveries per member, for the silent drop. */
  sends: Map<string, number[]>
  dropped: { userId: string; msgid: string; at: number }[]
  media: Map<string, UploadedFile & { type: string; expiresAt: number }>
  groups: Map<string, GroupChat>
  oauthCodes: Map<string, OauthCode>
  userTickets: Map<string, { userId: string; expiresAt: number }>
  jsTickets: Map<string, { value: string; expiresAt: number }>
  menu: unknown[]
  /** 企业可信 IP; undefined: not switched on. */
  trustedIps: string[] | undefined
  /** Apps switched off by the admin answer 50003. */
  enabled: boolean
  counts: Map<string, CallCount>
  messagesToday: { day: number; sent: number }
  customers: Map<string, Customer>
  bot: BotState | undefined
  callbackFaults: CallbackFault[]
  /** Deliveries held back until the next one went out. */
  held: (() => Promise<void>)[]
  violations: Violation[]
  calls: ApiCall[]
  deliveries: Delivery[]
  faults: FaultBook
  phones: Map<string, string>
  notifier: Notifier
}

/** The conversation of a member, created at its first bubble. */
export function chatOf(state: WeComState, userId: string): ChatEntry[] {
  const key = userId.toLowerCase()
  const known = state.chats.get(key)
  if (known) return known
  const fresh: ChatEntry[] = []
  state.chats.set(key, fresh)
  return fresh
}
