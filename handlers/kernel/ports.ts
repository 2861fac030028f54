import type { Card } from '../../cards/model.ts'
import type { Delivery, Identity } from '../../common/inbound.ts'

/**
 * What the handlers need from a chat platform. Each channel below `bot/channels/` provides one; handlers name no platform.
 *
 * Failures: `PlatformRefused` (reached, said no) or `PlatformUnreachable` (`applied` says whether it may have been done).
 */
export interface Channel {
  readonly platform: string
  readonly corp: string
  readonly app: string
  readonly abilities: ChannelAbilities
  /**
   * Send a text. `replyTo` is the token of the event being answered; the channel uses it when that is cheaper (DingTalk: session webhook)
   * and falls back to a direct message to `to`.
   */
  sendText(to: Recipient, text: string, options?: { replyTo?: string }): Promise<SendReceipt>
  /** Send a card under `cardId` (≤ 128 of `[0-9A-Za-z_-]`), which the platform must not have seen before. */
  sendCard(to: Recipient, card: Card, options: { cardId: string; replyTo?: string }): Promise<SendReceipt>
  /** Repaint a card sent before. @throws PlatformRefused `card.handle_spent` when the right to do so is used up or too old. */
  updateCard(to: Recipient, card: Card, options: { cardId: string; handle?: string }): Promise<void>
  /**
   * Would a call of this worth still be within what the platform allows for the month? Absent where nothing is counted. An answer to somebody and a
   * card that waits for a decision always are; notices end before them, and copies of what is shown elsewhere (`mirror`) end first.
   */
  mayCall?(worth: 'answer' | 'notice' | 'mirror'): boolean
  /**
   * Take a sent message back. Absent where the platform has no such call.
   * @throws PlatformRefused `message.not_recallable` when it is too old or unknown
   */
  recall?(messageId: string): Promise<void>
  /** Fetch a picture or file that somebody sent. @throws PlatformRefused `media.gone`, `media.too_large` */
  fetchMedia?(media: string): Promise<{ name: string; type: string; bytes: Buffer }>
}

export interface ChannelAbilities {
  /** Buttons come back to us; otherwise templates draw links only. */
  cardCallbacks: boolean
  /** `once`: one repaint per handle, and a new handle with each click. `always`: any time. `never`: a newer message says so. */
  cardUpdate: 'once' | 'always' | 'never'
  /** How long a handle is good for, in milliseconds. */
  handleLifeMs: number
  /** Messages a minute to one person before the platform drops them; absent where no such limit is known. */
  perPersonPerMinute?: number
  /** The same for an hour. */
  perPersonPerHour?: number
  /** Messages a minute of the whole app, whoever gets them. */
  perAppPerMinute?: number
  /** Messages a day of the whole app, for each account of the company. */
  perAccountPerDay?: number
  /** Can a click be answered with the new card itself (no API call)? */
  answersClicks: boolean
  /** Can a card ask to choose from a list (`Card.ask`)? */
  choices?: boolean
}

/** A person of this platform, or the group the question was asked in. */
export type Recipient = { kind: 'person'; userId: string } | { kind: 'group'; conversationId: string }

export interface SendReceipt {
  /** The platform's message id, for the delivery ledger. */
  messageId?: string
  /** Right to repaint the card, to be kept with it. */
  handle?: string
  /** The platform took the message for delivery but names this person as not reached. */
  notReached?: boolean
}

/** What a channel does with an accepted delivery. */
export interface InboundSink {
  /**
   * Store the delivery durably; resolves when it cannot be lost any more. `fresh` is false when it was known already.
   * With `waitMs`, also wait that long for the card the clicker should now see (only for clicks; `null`: not ready or nothing to show).
   * With `confirms`, the channel then says by `confirm` whether the answer with that card could be handed to the platform: until it does, nobody
   * else paints the card, and without a yes it is painted by a call.
   */
  accept(
    delivery: Delivery,
    options?: { waitMs?: number; confirms?: boolean },
  ): Promise<{ fresh: boolean; card: Card | null; confirm?: (handed: boolean) => void }>
  /** Signed but not understood: kept for the operator, never acted upon. */
  quarantine(input: { platform: string; corp: string; app: string; reason: string; body: string }): Promise<void>
}

/** The platform's contacts. Absent fields mean that the platform or its permissions do not tell. */
export interface Directory {
  readonly platform: string
  readonly corp: string
  listDepartments(): Promise<DirectoryDepartment[]>
  listMembers(): Promise<DirectoryMember[]>
  /** One member, fetched at once; null when the platform does not know the id. */
  getMember(userId: string): Promise<DirectoryMember | null>
  /** User id by mobile number; null when unknown or not permitted. */
  findByMobile(mobile: string): Promise<string | null>
}

export interface DirectoryDepartment {
  id: string
  name: string
  parentId: string | null
  leaderUserIds: string[]
}

export interface DirectoryMember {
  userId: string
  name: string
  title?: string
  mobile?: string
  departmentIds: string[]
  /** Departments this member heads. */
  leaderOf: string[]
  superiorUserId?: string
  /** Names of WeCom tags or DingTalk roles. */
  roles: string[]
  active: boolean
}

/** Login of a person through the platform. */
export interface LoginProvider {
  readonly platform: string
  readonly corp: string
  /** Where to send the browser. `state` is 1–128 of `[A-Za-z0-9]`. */
  authorizeUrl(input: { redirectUri: string; state: string }): string
  /** Who came back with this code? @throws AppError `auth.code_invalid` when used, unknown or expired; `auth.not_member` for outsiders */
  exchange(code: string, kind: 'redirect' | 'client'): Promise<Identity>
}

/** Groups (collaboration spaces) of a platform. Present only where the app may make them. Failures as with `Channel`. */
export interface Groups {
  readonly platform: string
  readonly corp: string
  /** Most members that one call may name; `createGroup` and `addMembers` split longer lists themselves. */
  readonly maxMembersPerCall: number
  /**
   * Open a group. `requestId` (≤ 32 of `[0-9A-Za-z]`) names this wish: where the platform takes a key of ours (WeCom `chatid`) a repetition is
   * answered with the same group.
   * @returns `groupId`: what `sendToGroup` wants and what inbound events of the group carry as their conversation
   */
  createGroup(input: {
    name: string
    ownerId: string
    memberIds: readonly string[]
    requestId?: string
  }): Promise<{ groupId: string }>
  /** Absent where the platform or its permissions do not offer it. People who are in it already are left alone. */
  addMembers?(groupId: string, memberIds: readonly string[]): Promise<void>
  /** Send to everybody in the group. A card's decisions are left to `sendCard`: here buttons are drawn as links or not at all. `cardId` as in `sendCard`. */
  sendToGroup(groupId: string, content: { text: string } | { card: Card; cardId: string }): Promise<SendReceipt>
}

/** One thing that somebody has to do, as the platform's own to-do list (DingTalk 待办) shows it. */
export interface BoardTask {
  /** Our own id of it, unique for the app; a repeated `create` under it makes no second task. ≤ 64 of `[0-9A-Za-z_-]`. */
  sourceId: string
  userId: string
  title: string
  /** At most five facts, shown as rows. */
  facts?: readonly { label: string; value: string }[]
  /** Page to open, phone and computer. */
  url: string
  /** Milliseconds since 1970. */
  dueAt?: number
}

/** The platform's own to-do list, kept equal to ours. Present only on platforms that have one. Failures as with `Channel`. */
export interface TodoBoard {
  readonly platform: string
  readonly corp: string
  /** Put a task on the person's list. A task known under the same `sourceId` is returned, not doubled. */
  create(task: BoardTask): Promise<{ taskId: string }>
  /** Mark it done. A task that is gone counts as done. */
  finish(task: { taskId: string; userId: string }): Promise<void>
  /** Not done after all: the same task waits again. False when it is gone. */
  reopen(task: { taskId: string; userId: string }): Promise<boolean>
  /** Take it off the list, for what was withdrawn or passed on. A task that is gone counts as taken off. */
  remove(task: { taskId: string; userId: string }): Promise<void>
}

/** Customers in the members' own address books (WeCom 客户联系). Present only where the platform has it. Failures as with `Channel`. */
export interface ExternalContacts {
  readonly platform: string
  readonly corp: string
  /** Members who may have customers there; empty where the app has no permission. */
  listMembers(): Promise<string[]>
  /** Everybody that these members follow. */
  listOf(userIds: readonly string[]): Promise<ExternalContact[]>
  /** One customer with all who follow them; null when nobody does (any more). */
  get(externalId: string): Promise<ExternalContact | null>
}

export interface ExternalContact {
  externalId: string
  name: string
  company?: string
  followers: { userId: string; remark?: string; mobiles: string[]; addedAt: number }[]
}

/** Signs pages of ours so that they may use the client's JSAPI. Present only where the app may. */
export interface PageSigner {
  readonly platform: string
  /** The public values that the page hands to the vendor's `config`. `url`: the page's own address, as the browser shows it. */
  sign(url: string): Promise<Record<string, unknown>>
}
