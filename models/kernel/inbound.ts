import { type Connection, Schema } from 'mongoose'
import type { InboundEvent } from '../../common/inbound.ts'
import { createGroupCommit } from './group-commit.ts'
import { isDuplicateKey, modelOn, plainSchema } from './mongo.ts'

/** Clicks and urgent work have reserved slots before talk. */
export type WorkClass = 'click' | 'talk'

/** One accepted delivery. It *is* the queued work item. */
export interface InboundDoc {
  /** The delivery's digest: a platform's retry stops here. */
  _id: string
  event: InboundEvent
  lane: string
  workClass: WorkClass
  status: 'queued' | 'done' | 'dead'
  attempts: number
  /** Who works on it, until when (real time, not the business clock). */
  leaseBy: string | null
  leaseUntil: Date
  fence: number
  receivedAt: Date
  doneAt?: Date
  error?: { code: string; message: string }
}

export interface QuarantineDoc {
  platform: string
  corp: string
  app: string
  reason: string
  body: string
  at: Date
}

/** Finished work is kept this long, which also is the window in which a repeated delivery is recognised. */
const KEEP_DONE_SECONDS = 14 * 24 * 3600

const schema = new Schema<InboundDoc>(
  {
    _id: { type: String, required: true },
    event: { type: Schema.Types.Mixed, required: true },
    lane: { type: String, required: true },
    workClass: { type: String, required: true },
    status: { type: String, required: true },
    attempts: { type: Number, required: true },
    leaseBy: { type: String, default: null },
    leaseUntil: { type: Date, required: true },
    fence: { type: Number, required: true },
    receivedAt: { type: Date, required: true },
    doneAt: Date,
    error: { code: String, message: String },
  },
  plainSchema,
)
schema.index({ status: 1, leaseUntil: 1 })
// Partial: what is not done yet costs this index nothing, and accepting is what has to be quick.
schema.index({ doneAt: 1 }, { expireAfterSeconds: KEEP_DONE_SECONDS, partialFilterExpression: { status: 'done' } })

const quarantineSchema = new Schema<QuarantineDoc>(
  { platform: String, corp: String, app: String, reason: String, body: String, at: { type: Date, expires: 30 * 24 * 3600 } },
  plainSchema,
)

export interface Claim {
  id: string
  leaseBy: string
  fence: number
}

/** The queue of accepted deliveries. */
export function createInboundQueue(connection: Connection) {
  const model = modelOn<InboundDoc>(connection, 'Inbound', schema, 'inbound')
  const quarantine = modelOn<QuarantineDoc>(connection, 'Quarantine', quarantineSchema, 'quarantine')
  const insert = createGroupCommit<InboundDoc>({
    insertMany: documents => model.collection.insertMany(documents as never[], { ordered: false }),
    existing: async ids => (await model.find({ _id: { $in: ids } }, { _id: 1 }).lean()).map(row => row._id),
  })

  return {
    model,
    quarantine,

    /** Store a delivery durably, leased to its first worker. False: it was there already. */
    async accept(document: InboundDoc): Promise<boolean> {
      try {
        await insert(document)
        return true
      } catch (error) {
        if (isDuplicateKey(error)) return false
        throw error
      }
    },

    /** Take work whose lease ran out: after a crash, or waiting for its next attempt. */
    claim(leaseBy: string, now: Date, leaseMs: number): Promise<InboundDoc | null> {
      return model
        .findOneAndUpdate(
          { status: 'queued', leaseUntil: { $lte: now } },
          { $set: { leaseBy, leaseUntil: new Date(now.getTime() + leaseMs) }, $inc: { attempts: 1, fence: 1 } },
          { sort: { leaseUntil: 1 }, returnDocument: 'after' },
        )
        .lean<InboundDoc>()
    },

    async renew(claim: Claim, until: Date): Promise<void> {
      await model.updateOne(
        { _id: claim.id, leaseBy: claim.leaseBy, fence: claim.fence, status: 'queued' },
        { $set: { leaseUntil: until } },
      )
    },

    /** False when the lease was lost meanwhile and somebody else answers for the item. */
    async finish(claim: Claim, at: Date): Promise<boolean> {
      const { matchedCount } = await model.updateOne(
        { _id: claim.id, leaseBy: claim.leaseBy, fence: claim.fence, status: 'queued' },
        { $set: { status: 'done', doneAt: at, leaseBy: null } },
      )
      return matchedCount === 1
    },

    /** Put back for `retryAt`, or aside as a dead letter. */
    async fail(claim: Claim, error: { code: string; message: string }, retryAt: Date | null): Promise<void> {
      await model.updateOne(
        { _id: claim.id, leaseBy: claim.leaseBy, fence: claim.fence },
        retryAt ? { $set: { error, leaseBy: null, leaseUntil: retryAt } } : { $set: { error, leaseBy: null, status: 'dead' } },
      )
    },

    dead(limit: number): Promise<InboundDoc[]> {
      return model.find({ status: 'dead' }).sort({ receivedAt: -1 }).limit(limit).lean<InboundDoc[]>()
    },

    async replay(id: string, now: Date): Promise<boolean> {
      const { matchedCount } = await model.updateOne(
        { _id: id, status: 'dead' },
        { $set: { status: 'queued', attempts: 0, leaseUntil: now }, $unset: { error: 1 } },
      )
      return matchedCount === 1
    },

    countQueued: () => model.countDocuments({ status: 'queued' }),

    async putAside(document: QuarantineDoc): Promise<void> {
      await quarantine.create(document)
    },
  }
}
