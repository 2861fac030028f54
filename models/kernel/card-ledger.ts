import { type Connection, Schema } from 'mongoose'
import { createGroupEnsure, createGroupWrite } from './group-write.ts'
import { createLeases, type Lease, type Leased, leaseFields, unleased } from './lease.ts'
import { type InSession, modelOn, olderThan, type PageEnd, plainSchema, withSession } from './mongo.ts'

/**
 * One card for one person. State sets the version that is `wanted`; the painter moves what is `shown`. Nothing else paints.
 */
export interface CardDoc extends Leased {
  /** The id that the platform knows (WeCom `task_id`, DingTalk `outTrackId`). */
  _id: string
  template: string
  params: Record<string, string>
  /** What it shows, e.g. `case:…`; all cards of a subject are repainted together. */
  subject: string
  personId: string
  /** What it says it is, for the reader of the ledger; known from its first sending on. */
  title?: string
  /** Chosen when the card is sent. */
  platform?: string
  corp?: string
  userId?: string
  wanted: number
  shown: number
  /** Digest of the face last painted: an equal face costs no call. */
  face?: string
  /** Does the shown face hold live callback buttons? */
  open: boolean
  /** `sending`: on its way; found so after a crash, nobody knows whether it went out. */
  status: 'new' | 'sending' | 'shown' | 'unknown' | 'superseded' | 'dead'
  /** The platform's id of the message that carries it, for taking it back. */
  messageId?: string
  handle?: string
  handleAt?: Date
  replyTo?: { platform: string; token: string }
  /** How often it was tried and failed. */
  attempts: number
  nextAt: Date
  /** True while there is something to paint; what the painter looks for. */
  due: boolean
  createdAt: Date
  sentAt?: Date
  /** When its reader was asked once more, because no decision came. */
  agedAt?: Date
  /** What took its place: a newer card, or the message that says what is true now. */
  successor?: string
  error?: { code: string; message: string }
}

export type NewCard = Pick<CardDoc, '_id' | 'template' | 'params' | 'subject' | 'personId'> &
  Partial<Pick<CardDoc, 'replyTo' | 'agedAt'>>

const schema = new Schema<CardDoc>(
  {
    _id: { type: String, required: true },
    template: { type: String, required: true },
    params: { type: Schema.Types.Mixed, required: true },
    subject: { type: String, required: true },
    personId: { type: String, required: true },
    title: String,
    platform: String,
    corp: String,
    userId: String,
    wanted: { type: Number, required: true },
    shown: { type: Number, required: true },
    face: String,
    open: { type: Boolean, required: true },
    status: { type: String, required: true },
    messageId: String,
    handle: String,
    handleAt: Date,
    replyTo: Schema.Types.Mixed,
    attempts: { type: Number, required: true },
    nextAt: { type: Date, required: true },
    due: { type: Boolean, required: true },
    ...leaseFields,
    createdAt: { type: Date, required: true },
    sentAt: Date,
    agedAt: Date,
    successor: String,
    error: { code: String, message: String },
  },
  plainSchema,
)
schema.index({ subject: 1 })
schema.index({ nextAt: 1 }, { partialFilterExpression: { due: true } })
schema.index({ handleAt: 1 }, { partialFilterExpression: { open: true } })
schema.index({ template: 1, sentAt: 1 }, { partialFilterExpression: { open: true } })

export function createCardLedger(connection: Connection) {
  const model = modelOn<CardDoc>(connection, 'Card', schema, 'cards')
  const leases = createLeases(model)
  const ensure = createGroupEnsure(model)
  const { write } = createGroupWrite(model)

  /**
   * The end of a claim under which `version` was looked at. Due again when more is wanted by now, also where it was not due any more: a click
   * may have been answered with a newer face while this one was on its way.
   */
  const settle = (lease: Lease, version: number, change: Partial<CardDoc>, drop: readonly (keyof CardDoc & string)[] = []) =>
    leases.finish(lease, change, drop, { due: { $gt: ['$wanted', version] } })

  return {
    model,

    find: (id: string) => model.findById(id).lean<CardDoc>(),

    /** Ask for cards to be sent; one that is known stays as it is. */
    async want(cards: readonly NewCard[], now: Date, options?: InSession): Promise<void> {
      if (cards.length === 0) return
      const documents = cards.map(card => ({
        ...card,
        wanted: 1,
        shown: 0,
        open: false,
        status: 'new' as const,
        attempts: 0,
        nextAt: now,
        due: true,
        ...unleased(),
        createdAt: now,
      }))
      if (!options?.session) return ensure(documents)
      const upserts = documents.map(({ _id, ...card }) => ({
        updateOne: { filter: { _id }, update: { $setOnInsert: card }, upsert: true },
      }))
      await model.bulkWrite(upserts, withSession(options))
    },

    /** The subject changed: every card of it is to be painted anew. */
    async touch(subject: string, now: Date, options?: InSession): Promise<void> {
      const filter = { subject, status: { $in: ['new', 'sending', 'shown', 'unknown'] satisfies CardDoc['status'][] } }
      const update = { $inc: { wanted: 1 }, $set: { due: true, nextAt: now, attempts: 0 } }
      if (options?.session) await model.updateMany(filter, update, withSession(options))
      else await write({ updateMany: { filter, update } })
    },

    /**
     * A click brings a new right to repaint, and the proof that the card is there, live. One that was given up is painted with that right,
     * whatever the click itself leads to. Who has it in hand thinks it not there: their lease ends, and what they found out {@link cameLate}.
     */
    async keepHandle(id: string, handle: string, now: Date): Promise<void> {
      await model.updateOne({ _id: id }, { $set: { handle, handleAt: now } })
      await model.updateOne(
        { _id: id, status: { $in: ['sending', 'unknown', 'superseded'] } },
        {
          $set: { status: 'shown', open: true, due: true, nextAt: now, attempts: 0, leaseBy: null, leaseUntil: new Date(0) },
          $inc: { wanted: 1, fence: 1 },
          $unset: { face: 1 },
        },
      )
    },

    claim: (by: string, now: Date, leaseMs: number, except: readonly string[]): Promise<CardDoc | null> =>
      leases.claim({
        filter: { due: true, nextAt: { $lte: now }, ...(except.length > 0 && { _id: { $nin: [...except] } }) },
        by,
        leaseMs,
        sort: { nextAt: 1 },
      }),

    /** While it is being worked on. */
    renew: (lease: Lease, leaseMs: number): Promise<boolean> => leases.renew(lease, leaseMs),

    /** Still ours? Ask right before a repaint: an old face must not cover a newer one. */
    holds: (lease: Lease, leaseMs: number): Promise<boolean> => leases.renew(lease, leaseMs),

    /**
     * What was painted. Stays due when the subject changed meanwhile. False: the lease went to somebody else while the platform was asked,
     * see {@link cameLate}.
     */
    painted: (
      lease: Lease,
      version: number,
      change: Partial<CardDoc>,
      drop: readonly (keyof CardDoc & string)[] = [],
    ): Promise<boolean> => settle(lease, version, { ...change, shown: version, attempts: 0 }, drop),

    /** Nobody knows whether it went out. Stays due when the subject changed meanwhile: then it is superseded, in case it did. */
    lost: (lease: Lease, version: number, failure: Pick<CardDoc, 'attempts' | 'error'>): Promise<boolean> =>
      settle(lease, version, { ...failure, status: 'unknown' }),

    /**
     * Something was sent or painted under a lease that had run out. Whatever the client shows now, it is painted once more; a card that was
     * given up as unknown is known to be there. When it was sent, and as what, is true whoever has the card now.
     */
    async cameLate(id: string, change: Partial<CardDoc>, now: Date): Promise<void> {
      const { sentAt, messageId } = change
      const sending = { ...(sentAt && { sentAt }), ...(messageId && { messageId }) }
      await model.updateOne(
        { _id: id, status: { $in: ['sending', 'unknown', 'superseded'] } },
        { $set: { ...change, status: 'shown', open: true } },
      )
      await model.updateOne(
        { _id: id, status: 'shown' },
        { $set: { ...sending, due: true, nextAt: now, attempts: 0 }, $inc: { wanted: 1 }, $unset: { face: 1 } },
      )
    },

    failed: (lease: Lease, change: Partial<CardDoc>): Promise<boolean> => leases.finish(lease, change),

    /** The click itself was answered with this face: no call is needed. */
    async answered(id: string, version: number, face: string, open: boolean): Promise<void> {
      await model.collection.updateOne({ _id: id as never }, [
        {
          $set: {
            face: { $literal: face },
            open: { $literal: open },
            shown: { $max: ['$shown', version] },
            due: { $and: ['$due', { $gt: ['$wanted', version] }] },
          },
        },
      ])
    },

    /** Open cards of one platform whose right to repaint ends soon. */
    expiring(platform: string, before: Date, limit: number): Promise<CardDoc[]> {
      return model
        .find({ open: true, platform, handleAt: { $lte: before } })
        .limit(limit)
        .lean<CardDoc[]>()
    },

    /** Open cards of these templates that nobody answered since, and whose reader was not asked again; oldest first. */
    unanswered(templates: readonly string[], before: Date, limit: number, after?: PageEnd): Promise<CardDoc[]> {
      const end = after && new Date(after.at)
      const behind = after && { $or: [{ sentAt: { $gt: end } }, { sentAt: end, _id: { $gt: after.id } }] }
      return model
        .find({
          open: true,
          template: { $in: [...templates] },
          sentAt: { $lte: before, ...(end && { $gte: end }) },
          agedAt: { $exists: false },
          status: 'shown',
          ...behind,
        })
        .sort({ sentAt: 1, _id: 1 })
        .limit(limit)
        .lean<CardDoc[]>()
    },

    /** Its reader is asked once more. False: that has been done. */
    async aged(id: string, at: Date): Promise<boolean> {
      const { matchedCount } = await model.updateOne({ _id: id, agedAt: { $exists: false } }, { $set: { agedAt: at } })
      return matchedCount === 1
    },

    /** Replaced by a newer card. */
    async retire(id: string, face: string, successor: string): Promise<void> {
      await model.updateOne(
        { _id: id },
        { $set: { status: 'superseded', open: false, due: false, face, successor }, $unset: { handle: 1, handleAt: 1 } },
      )
    },

    /** The card goes out now, to this account and under this title; kept before the send, for the one who finds it after a crash. False: it is somebody else's. */
    sendingTo: (lease: Lease, sending: { platform: string; corp: string; userId: string; title: string }): Promise<boolean> =>
      leases.write(lease, { ...sending, status: 'sending' }),

    troubled(limit: number): Promise<CardDoc[]> {
      return model
        .find({ status: { $in: ['dead', 'unknown'] } })
        .sort({ createdAt: -1 })
        .limit(limit)
        .lean<CardDoc[]>()
    },

    async replay(id: string, now: Date): Promise<boolean> {
      const { matchedCount } = await model.updateOne(
        { _id: id, status: { $in: ['dead', 'unknown'] } },
        {
          $set: { status: 'new', due: true, attempts: 0, nextAt: now, leaseBy: null, leaseUntil: new Date(0) },
          $inc: { wanted: 1, fence: 1 },
          $unset: { error: 1, face: 1 },
        },
      )
      return matchedCount === 1
    },

    countDue: () => model.countDocuments({ due: true }),
    countTroubled: () => model.countDocuments({ status: { $in: ['dead', 'unknown'] } }),

    /** Since when the longest-waiting card should have been painted; null when none is late. */
    async oldestDue(now: Date): Promise<Date | null> {
      const row = await model
        .findOne({ due: true, nextAt: { $lte: now } }, { nextAt: 1 })
        .sort({ nextAt: 1 })
        .lean<CardDoc>()
      return row?.nextAt ?? null
    },

    /** The ledger, newest first: of a record, of readers, or all. */
    ledger(filter: { subject?: string; personIds?: readonly string[] }, limit: number, after?: PageEnd): Promise<CardDoc[]> {
      const about = {
        ...(filter.subject && { subject: filter.subject }),
        ...(filter.personIds && { personId: { $in: [...filter.personIds] } }),
      }
      return model
        .find({ $and: [about, olderThan(after)] })
        .sort({ createdAt: -1, _id: 1 })
        .limit(limit)
        .lean<CardDoc[]>()
    },
  }
}
