import { type Connection, Schema } from 'mongoose'
import type { InboundEvent } from '../../common/inbound.ts'
import { createGroupCommit, existingById } from './group-commit.ts'
import { createLeases, type Lease, type Leased, leaseFields } from './lease.ts'
import { isDuplicateKey, modelOn, plainSchema } from './mongo.ts'

/** Clicks and urgent work have reserved slots before talk. */
export type WorkClass = 'click' | 'talk'

/** One accepted delivery. It *is* the queued work item. */
export interface InboundDoc extends Leased {
  /** The delivery's digest: a platform's retry stops here. */
  _id: string
  event: InboundEvent
  lane: string
  workClass: WorkClass
  status: 'queued' | 'done' | 'dead'
  /** How often it was tried and failed. */
  attempts: number
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
    ...leaseFields,
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

/** The queue of accepted deliveries. */
export function createInboundQueue(connection: Connection) {
  const model = modelOn<InboundDoc>(connection, 'Inbound', schema, 'inbound')
  const quarantine = modelOn<QuarantineDoc>(connection, 'Quarantine', quarantineSchema, 'quarantine')
  const leases = createLeases(model)
  const insert = createGroupCommit<InboundDoc>({
    insertMany: documents => model.collection.insertMany(documents as never[], { ordered: false }),
    existing: documents => existingById(model, documents),
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

    /**
     * Take work whose lease ran out: after a crash, or waiting for its next attempt.
     *
     * @param before about the database's time; spares looking through what is being worked on. The lease itself is judged exactly.
     */
    claim: (by: string, before: Date, leaseMs: number): Promise<InboundDoc | null> =>
      leases.claim({
        filter: { status: 'queued', leaseUntil: { $lte: before } },
        by,
        leaseMs,
        sort: { leaseUntil: 1 },
      }),

    renew: (lease: Lease, leaseMs: number): Promise<boolean> => leases.renew(lease, leaseMs),

    /** False when the lease was lost meanwhile and somebody else answers for the item. */
    finish: (lease: Lease, at: Date): Promise<boolean> => leases.finish(lease, { status: 'done', doneAt: at }),

    /**
     * Put back for another attempt at `retryAt` (the database's time), or aside as a dead letter. Only failures count as attempts: a lease that
     * ran out on a busy machine says nothing about the work.
     */
    fail: (lease: Lease, failure: Pick<InboundDoc, 'attempts' | 'error'>, retryAt: Date | null): Promise<boolean> =>
      retryAt
        ? leases.write(lease, { ...failure, leaseBy: null, leaseUntil: retryAt })
        : leases.finish(lease, { ...failure, status: 'dead' }),

    dead(limit: number): Promise<InboundDoc[]> {
      return model.find({ status: 'dead' }).sort({ receivedAt: -1 }).limit(limit).lean<InboundDoc[]>()
    },

    async replay(id: string): Promise<boolean> {
      const { matchedCount } = await model.updateOne(
        { _id: id, status: 'dead' },
        {
          $set: { status: 'queued', attempts: 0, leaseBy: null, leaseUntil: new Date(0) },
          $inc: { fence: 1 },
          $unset: { error: 1 },
        },
      )
      return matchedCount === 1
    },

    countQueued: () => model.countDocuments({ status: 'queued' }),
    countDead: () => model.countDocuments({ status: 'dead' }),

    /** When the longest-waiting delivery came in; null when none waits. */
    async oldestQueued(): Promise<Date | null> {
      const row = await model.findOne({ status: 'queued' }, { receivedAt: 1 }).sort({ leaseUntil: 1 }).lean<InboundDoc>()
      return row?.receivedAt ?? null
    },

    async putAside(document: QuarantineDoc): Promise<void> {
      await quarantine.create(document)
    },
  }
}
