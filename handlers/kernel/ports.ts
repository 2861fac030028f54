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
  /** Can a click be answered with the new card itself (no API call)? */
  answersClicks: boolean
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
   */
  accept(delivery: Delivery, options?: { waitMs?: number }): Promise<{ fresh: boolean; card: Card | null }>
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
