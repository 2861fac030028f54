import { z } from 'zod'

/**
 * One accepted delivery of a chat platform, in the product's own words. Stored as the queued work item, hence a schema.
 * `replyTo` and `updateHandle` are tokens of the channel that made the event; nobody else reads them.
 */
const base = {
  platform: z.string(),
  corp: z.string(),
  app: z.string(),
  /** The sender's user id on that platform. */
  userId: z.string(),
  conversation: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('single') }),
    z.object({ kind: z.literal('group'), id: z.string() }),
  ]),
  /** When it was said or clicked, by the platform's clock, in milliseconds. */
  at: z.number(),
  replyTo: z.string().optional(),
}

export const inboundEvent = z.discriminatedUnion('type', [
  /** Typed, or recognised from a voice message. */
  z.object({ ...base, type: z.literal('text'), text: z.string() }),
  /** A picture, a file …; `media` is the token with which the channel fetches it. */
  z.object({
    ...base,
    type: z.literal('file'),
    kind: z.enum(['image', 'file', 'video', 'voice']),
    media: z.string(),
    name: z.string().optional(),
  }),
  /** A place; `label` is its address in words, where the platform tells it. */
  z.object({ ...base, type: z.literal('location'), label: z.string(), latitude: z.number(), longitude: z.number() }),
  z.object({ ...base, type: z.literal('link'), title: z.string(), url: z.string() }),
  /** Anything else that can be said: answered politely. `kind` is the platform's word for it. */
  z.object({ ...base, type: z.literal('other_message'), kind: z.string() }),
  z.object({ ...base, type: z.literal('enter') }),
  z.object({ ...base, type: z.literal('menu'), key: z.string() }),
  z.object({
    ...base,
    type: z.literal('card_action'),
    /** Our card id, as given to the platform when the card was sent. */
    cardId: z.string(),
    /** The button's id. */
    action: z.string(),
    /** One-time right to repaint the clicked card, where the platform gives one. */
    updateHandle: z.string().optional(),
    /** What was chosen on the card: question → option ids. */
    selected: z.record(z.string(), z.array(z.string())).optional(),
  }),
  /** The platform's contacts changed: `userId` is to be read anew (empty: departments). Nobody said it. */
  z.object({ ...base, type: z.literal('contact_changed') }),
  /** A customer was added, edited or lost in the member's own address book. Nobody said it. */
  z.object({
    ...base,
    type: z.literal('customer_contact'),
    change: z.enum(['added', 'edited', 'removed']),
    /** The customer's id on that platform. */
    externalId: z.string(),
  }),
  /**
   * Something happened to an approval of the platform's own, outside of ours. Kept so that somebody can look it up; it changes nothing, and the
   * platform has told those concerned. `userId`: the applicant. `state`, `change`: the platform's numbers.
   */
  z.object({
    ...base,
    type: z.literal('native_approval'),
    number: z.string(),
    name: z.string(),
    state: z.number(),
    change: z.number().optional(),
  }),
])

export type InboundEvent = z.infer<typeof inboundEvent>
export type CardActionEvent = Extract<InboundEvent, { type: 'card_action' }>

/** An accepted delivery and the key by which a repetition of it is recognised. */
export interface Delivery {
  /** Digest that a platform's retry repeats exactly; becomes the work item's `_id`. */
  key: string
  event: InboundEvent
}

/** A person's account on one platform. */
export interface Identity {
  platform: string
  corp: string
  userId: string
}

/** The stored form of an identity; unique over all platforms. */
export const identityKey = (identity: Identity): string =>
  `${identity.platform}:${identity.corp}:${identity.userId.toLowerCase()}`
