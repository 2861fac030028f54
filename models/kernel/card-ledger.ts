import { type Connection, Schema } from 'mongoose'
import { type InSession, modelOn, plainSchema, withSession } from './mongo.ts'

/**
 * One card for one person. State sets the version that is `wanted`; the painter moves what is `shown`. Nothing else paints.
 */
export interface CardDoc {
  /** The id that the platform knows (WeCom `task_id`, DingTalk `outTrackId`). */
  _id: string
  template: string
  params: Record<string, string>
  /** What it shows, e.g. `case:…`; all cards of a subject are repainted together. */
  subject: string
  personId: string
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
  handle?: string
  handleAt?: Date
  replyTo?: { platform: string; token: string }
  attempts: number
  nextAt: Date
  /** True while there is something to paint; what the painter looks for. */
  due: boolean
  leaseBy: string | null
  leaseUntil: Date
  createdAt: Date
  sentAt?: Date
  error?: { code: string; message: string }
}

export type NewCard = Pick<CardDoc, '_id' | 'template' | 'params' | 'subject' | 'personId'> & Partial<Pick<CardDoc, 'replyTo'>>

/** Leases run in real time, whatever the business clock says. */
const NEVER_LEASED = new Date(0)

const schema = new Schema<CardDoc>(
  {
    _id: { type: String, required: true },
    template: { type: String, required: true },
    params: { type: Schema.Types.Mixed, required: true },
    subject: { type: String, required: true },
    personId: { type: String, required: true },
    platform: String,
    corp: String,
    userId: String,
    wanted: { type: Number, required: true },
    shown: { type: Number, required: true },
    face: String,
    open: { type: Boolean, required: true },
    status: { type: String, required: true },
    handle: String,
    handleAt: Date,
    replyTo: Schema.Types.Mixed,
    attempts: { type: Number, required: true },
    nextAt: { type: Date, required: true },
    due: { type: Boolean, required: true },
    leaseBy: { type: String, default: null },
    leaseUntil: { type: Date, required: true },
    createdAt: { type: Date, required: true },
    sentAt: Date,
    error: { code: String, message: String },
  },
  plainSchema,
)
schema.index({ subject: 1 })
schema.index({ nextAt: 1 }, { partialFilterExpression: { due: true } })
schema.index({ handleAt: 1 }, { partialFilterExpression: { open: true } })

export function createCardLedger(connection: Connection) {
  const model = modelOn<CardDoc>(connection, 'Card', schema, 'cards')

  return {
    model,

    find: (id: string) => model.findById(id).lean<CardDoc>(),

    /** Ask for cards to be sent; one that is known stays as it is. */
    async want(cards: readonly NewCard[], now: Date, options?: InSession): Promise<void> {
      if (cards.length === 0) return
      await model.bulkWrite(
        cards.map(({ _id, ...card }) => ({
          updateOne: {
            filter: { _id },
            update: {
              $setOnInsert: {
                ...card,
                wanted: 1,
                shown: 0,
                open: false,
                status: 'new' as const,
                attempts: 0,
                nextAt: now,
                due: true,
                leaseBy: null,
                leaseUntil: NEVER_LEASED,
                createdAt: now,
              },
            },
            upsert: true,
          },
        })),
        withSession(options),
      )
    },

    /** The subject changed: every card of it is to be painted anew. */
    async touch(subject: string, now: Date, options?: InSession): Promise<void> {
      await model.updateMany(
        { subject, status: { $in: ['new', 'sending', 'shown', 'unknown'] } },
        { $inc: { wanted: 1 }, $set: { due: true, nextAt: now, attempts: 0 } },
        withSession(options),
      )
    },

    /** A click brings a new right to repaint, and the proof that the card is there, live: it can be painted again. */
    async keepHandle(id: string, handle: string, now: Date): Promise<void> {
      await model.updateOne({ _id: id }, { $set: { handle, handleAt: now } })
      await model.updateOne(
        { _id: id, status: { $in: ['sending', 'unknown', 'superseded'] } },
        { $set: { status: 'shown', open: true }, $unset: { face: 1 } },
      )
    },

    claim(leaseBy: string, now: Date, realNow: Date, leaseMs: number, except: readonly string[]): Promise<CardDoc | null> {
      return model
        .findOneAndUpdate(
          {
            due: true,
            nextAt: { $lte: now },
            leaseUntil: { $lte: realNow },
            ...(except.length > 0 && { _id: { $nin: [...except] } }),
          },
          { $set: { leaseBy, leaseUntil: new Date(realNow.getTime() + leaseMs) }, $inc: { attempts: 1 } },
          { sort: { nextAt: 1 }, returnDocument: 'after' },
        )
        .lean<CardDoc>()
    },

    /** What was painted, if the lease still holds. Stays due when the subject changed meanwhile. */
    async painted(
      id: string,
      leaseBy: string,
      version: number,
      change: Partial<CardDoc>,
      realNow: Date,
      drop: readonly string[] = [],
    ): Promise<void> {
      const unset = Object.fromEntries(drop.map(field => [field, 1]))
      await model.updateOne(
        { _id: id, leaseBy },
        {
          $set: { ...change, shown: version, leaseBy: null, leaseUntil: realNow, attempts: 0 },
          ...(drop.length > 0 && { $unset: unset }),
        },
      )
      await model.updateOne({ _id: id, wanted: { $lte: version } }, { $set: { due: false } })
    },

    async failed(id: string, leaseBy: string, change: Partial<CardDoc>, realNow: Date): Promise<void> {
      await model.updateOne({ _id: id, leaseBy }, { $set: { ...change, leaseBy: null, leaseUntil: realNow } })
    },

    /** The click itself was answered with this face: no call is needed. */
    async answered(id: string, version: number, face: string, open: boolean): Promise<void> {
      await model.updateOne({ _id: id }, { $set: { face, open }, $max: { shown: version } })
      await model.updateOne({ _id: id, wanted: { $lte: version } }, { $set: { due: false } })
    },

    /** Open cards whose right to repaint ends soon. */
    expiring(before: Date, limit: number): Promise<CardDoc[]> {
      return model
        .find({ open: true, handleAt: { $lte: before } })
        .limit(limit)
        .lean<CardDoc[]>()
    },

    /** Replaced by a newer card. */
    async retire(id: string, face: string): Promise<void> {
      await model.updateOne(
        { _id: id },
        { $set: { status: 'superseded', open: false, due: false, face }, $unset: { handle: 1, handleAt: 1 } },
      )
    },

    /** The card goes out now, to this account; kept before the send, for the one who finds it after a crash. */
    async sendingTo(id: string, account: { platform: string; corp: string; userId: string }): Promise<void> {
      await model.updateOne({ _id: id }, { $set: { ...account, status: 'sending' } })
    },

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
        { $set: { status: 'new', due: true, attempts: 0, nextAt: now }, $inc: { wanted: 1 }, $unset: { error: 1, face: 1 } },
      )
      return matchedCount === 1
    },

    countDue: () => model.countDocuments({ due: true }),
  }
}
