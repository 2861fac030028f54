import { type Connection, type QueryFilter, Schema } from 'mongoose'
import { createGroupEnsure } from './group-write.ts'
import { createLeases, type Lease, type Leased, leaseFields, unleased } from './lease.ts'
import { type InSession, modelOn, olderThan, type PageEnd, plainSchema, QUERY_LIMIT_MS, withSession } from './mongo.ts'

/**
 * How soon somebody must hear of it. `reply`: the answer to what they just said or clicked. `urgent`: somebody waits for it; passes quiet
 * hours, always a message of its own. `notice`: good to know; waits out quiet hours, several become one message. `low`: waits for company.
 */
export type Urgency = 'reply' | 'urgent' | 'notice' | 'low'

/** A reply or an urgent message never waits behind notices: each lane has workers of its own. */
export type Lane = 'prompt' | 'patient'

/** Person, one account of theirs, the group the question came from, or a mobile number where no chat reached the person. */
export type MessageTo =
  | { personId: string }
  | { platform: string; corp: string; userId: string }
  | { platform: string; corp: string; groupId: string }
  | { personId: string; mobile: string }

/**
 * A text that is to reach somebody; also the ledger that answers "was he told?".
 *
 * `queued` may go out; `sending` is on its way, and when its sender died nobody knows whether it went out: `unknown`, which is not blindly
 * repeated. `merged`: a newer message of the same merge key, or a digest, carried it (`into`). `expired`: too late to be of use.
 * `recorded`: a short message with no SMS service to send it.
 */
export interface OutboxDoc extends Leased {
  _id: string
  to: MessageTo
  /** Who is told: messages under the same key are gathered and counted together. */
  toKey: string
  text: string
  /** Token of the event being answered; only good on the platform it came from. */
  replyTo?: { platform: string; token: string }
  urgency: Urgency
  lane: Lane
  /** What it is about, for the reader of the ledger (`approval`, `card`, `task`, …). */
  topic?: string
  /** The record it is about, e.g. `case:…`. */
  subject?: string
  /** Of several waiting messages to one person under one merge key only the newest is sent. */
  mergeKey?: string
  /** Of no use after this moment (business time). */
  expiresAt?: Date
  /** The text holds a link that is a key: it is forgotten once it was sent. */
  secret?: boolean
  status: 'queued' | 'sending' | 'sent' | 'merged' | 'expired' | 'unknown' | 'not_reached' | 'dead' | 'recorded'
  /** Why it waits. */
  waits?: 'quiet' | 'budget' | 'company'
  /** The message that carried this one. */
  into?: string | null
  /** How often it was tried and failed. */
  attempts: number
  nextAt: Date
  createdAt: Date
  sentAt?: Date
  platform?: string
  messageId?: string
  error?: { code: string; message: string }
}

type Optional = 'replyTo' | 'topic' | 'subject' | 'mergeKey' | 'expiresAt' | 'secret'
export type NewMessage = Pick<OutboxDoc, '_id' | 'to' | 'text' | 'urgency'> & Partial<Pick<OutboxDoc, Optional>>

const schema = new Schema<OutboxDoc>(
  {
    _id: { type: String, required: true },
    to: { type: Schema.Types.Mixed, required: true },
    toKey: { type: String, required: true },
    text: { type: String, required: true },
    replyTo: Schema.Types.Mixed,
    urgency: { type: String, required: true },
    lane: { type: String, required: true },
    topic: String,
    subject: String,
    mergeKey: String,
    expiresAt: Date,
    secret: Boolean,
    status: { type: String, required: true },
    waits: String,
    into: String,
    attempts: { type: Number, required: true },
    nextAt: { type: Date, required: true },
    ...leaseFields,
    createdAt: { type: Date, required: true, expires: 90 * 24 * 3600 },
    sentAt: Date,
    platform: String,
    messageId: String,
    error: { code: String, message: String },
  },
  plainSchema,
)
schema.index({ status: 1, lane: 1, nextAt: 1 })
// It holds more fields of the query for a reader's waiting notices than the queue's index does, which would look at all that wait.
schema.index({ toKey: 1, status: 1, lane: 1 })
schema.index({ subject: 1, createdAt: -1 }, { partialFilterExpression: { subject: { $exists: true } } })
schema.index({ toKey: 1, createdAt: -1 })
schema.index({ into: 1, status: 1 }, { partialFilterExpression: { into: { $type: 'string' } } })

const TROUBLED = ['dead', 'unknown', 'not_reached'] as const

const keyOf = (to: MessageTo): string =>
  'mobile' in to
    ? `sms:${to.personId}`
    : 'personId' in to
      ? to.personId
      : `${to.platform}:${to.corp}:${'groupId' in to ? `group:${to.groupId}` : to.userId}`

export const laneOf = (urgency: Urgency): Lane => (urgency === 'reply' || urgency === 'urgent' ? 'prompt' : 'patient')

export function createOutbox(connection: Connection) {
  const model = modelOn<OutboxDoc>(connection, 'Outbox', schema, 'outbox')
  const leases = createLeases(model)
  const ensure = createGroupEnsure(model)

  return {
    model,

    /** Queue messages; one that is there already stays as it is. */
    async put(messages: readonly NewMessage[], now: Date, options?: InSession): Promise<void> {
      if (messages.length === 0) return
      const documents = messages.map(message => ({
        ...message,
        toKey: keyOf(message.to),
        lane: laneOf(message.urgency),
        status: 'queued' as const,
        attempts: 0,
        nextAt: now,
        createdAt: now,
        ...unleased(),
      }))
      if (options?.session) await model.insertMany(documents, withSession(options))
      else await ensure(documents)
    },

    /**
     * The next message of a lane that is due. It stays `queued` until it is on the wire, so that a crash before that loses nothing.
     *
     * @param busy readers whose messages are left alone
     */
    claim: (by: string, lane: Lane, now: Date, leaseMs: number, busy: readonly string[] = []): Promise<OutboxDoc | null> =>
      leases.claim({
        filter: { status: 'queued', lane, nextAt: { $lte: now }, ...(busy.length > 0 && { toKey: { $nin: [...busy] } }) },
        by,
        leaseMs,
        sort: { nextAt: 1 },
        set: { into: null },
      }),

    /** While it is being worked on. */
    renew: (lease: Lease, leaseMs: number): Promise<boolean> => leases.renew(lease, leaseMs),

    /** How many other notices wait for the same reader. */
    countWaitingWith: (row: OutboxDoc) =>
      model.countDocuments({ ...waitingFor(row), _id: { $ne: row._id }, secret: { $ne: true } }),

    /** A newer message under the same merge key, which makes this one superfluous. */
    newerOf(row: OutboxDoc): Promise<OutboxDoc | null> {
      return model
        .findOne({
          toKey: row.toKey,
          status: 'queued',
          lane: row.lane,
          _id: { $ne: row._id },
          mergeKey: row.mergeKey as string,
          $or: [{ createdAt: { $gt: row.createdAt } }, { createdAt: row.createdAt, _id: { $gt: row._id } }],
        })
        .sort({ createdAt: -1, _id: -1 })
        .lean<OutboxDoc>()
    },

    /** Take the other notices that wait for the same reader, to go out with this one. Oldest first. */
    async gather(row: OutboxDoc, leaseMs: number, limit: number): Promise<OutboxDoc[]> {
      const fellows = await model
        .find({ ...waitingFor(row), _id: { $ne: row._id }, secret: { $ne: true } }, { _id: 1 })
        .sort({ createdAt: 1 })
        .limit(limit)
        .lean<{ _id: string }[]>()
      const free = { status: 'queued', $expr: { $lte: ['$leaseUntil', '$$NOW'] } }
      await model.collection.updateMany(
        { _id: { $in: fellows.map(({ _id }) => _id) as never[] }, ...free },
        [
          {
            $set: {
              leaseBy: { $literal: row.leaseBy },
              into: { $literal: row._id },
              leaseUntil: { $add: ['$$NOW', leaseMs] },
              fence: { $add: ['$fence', 1] },
            },
          },
        ],
        { maxTimeMS: QUERY_LIMIT_MS },
      )
      return model
        .find({ into: row._id, leaseBy: row.leaseBy, status: 'queued' as const })
        .sort({ createdAt: 1 })
        .lean<OutboxDoc[]>()
    },

    /** About to be handed to the platform. False: the lease is somebody else's, who sends it. */
    onItsWay: (lease: Lease, platform: string): Promise<boolean> => leases.write(lease, { status: 'sending', platform }),

    /** The same for what a message took along. */
    async renewGathered(leader: OutboxDoc, leaseMs: number): Promise<void> {
      await model.collection.updateMany(
        { into: leader._id, leaseBy: leader.leaseBy, status: { $in: ['queued', 'sending'] } },
        [{ $set: { leaseUntil: { $add: ['$$NOW', leaseMs] } } }],
        { maxTimeMS: QUERY_LIMIT_MS },
      )
    },

    /** What became of it. False: written off or claimed by somebody else meanwhile. */
    settle: (lease: Lease, change: Partial<OutboxDoc>, unset: readonly (keyof OutboxDoc & string)[] = []): Promise<boolean> =>
      leases.finish(lease, change, unset),

    /** What became of the messages that this one took along. */
    async settleGathered(leader: OutboxDoc, change: Partial<OutboxDoc>): Promise<void> {
      await model.updateMany(
        { into: leader._id, leaseBy: leader.leaseBy, status: { $in: ['queued', 'sending'] } },
        { $set: { ...change, leaseBy: null, leaseUntil: new Date(0) } },
      )
    },

    /** The gathered messages go out with their leader from here on. */
    async gatheredOnTheirWay(leader: OutboxDoc): Promise<void> {
      await model.updateMany({ into: leader._id, leaseBy: leader.leaseBy, status: 'queued' }, { $set: { status: 'sending' } })
    },

    /**
     * What a dead process had on the wire: nobody knows whether it went out. The lease's holder stays named, so that a process that was
     * only stopped can still say how it ended.
     */
    async markLost(): Promise<number> {
      const { modifiedCount } = await model.updateMany(
        { status: 'sending', $expr: { $lte: ['$leaseUntil', '$$NOW'] } },
        {
          $set: { status: 'unknown', error: { code: 'channel.answer_lost', message: '发送结果未知,未重复发送' } },
          $inc: { attempts: 1 },
        },
      )
      return modifiedCount
    },

    troubled(limit: number): Promise<OutboxDoc[]> {
      return model
        .find({ status: { $in: [...TROUBLED] } })
        .sort({ createdAt: -1 })
        .limit(limit)
        .lean<OutboxDoc[]>()
    },

    async replay(id: string, now: Date): Promise<boolean> {
      const { matchedCount } = await model.updateOne(
        { _id: id, status: { $in: [...TROUBLED] } },
        {
          $set: { status: 'queued', attempts: 0, nextAt: now, leaseBy: null, leaseUntil: new Date(0) },
          $inc: { fence: 1 },
          $unset: { error: 1, into: 1 },
        },
      )
      return matchedCount === 1
    },

    /** The ledger, newest first: of a record, of readers, or all. */
    ledger(filter: { subject?: string; toKeys?: readonly string[] }, limit: number, after?: PageEnd): Promise<OutboxDoc[]> {
      const about: QueryFilter<OutboxDoc> = {
        ...(filter.subject && { subject: filter.subject }),
        ...(filter.toKeys && { toKey: { $in: [...filter.toKeys] } }),
      }
      return model
        .find({ $and: [about, olderThan(after)] })
        .sort({ createdAt: -1, _id: 1 })
        .limit(limit)
        .lean<OutboxDoc[]>()
    },

    countQueued: () => model.countDocuments({ status: { $in: ['queued', 'sending'] } }),
    countTroubled: () => model.countDocuments({ status: { $in: [...TROUBLED] } }),

    /** When the oldest message that should be gone by now became due; null when none is late. */
    async oldestDue(now: Date): Promise<Date | null> {
      const rows = await Promise.all(
        (['prompt', 'patient'] as const).map(lane =>
          model
            .findOne({ status: 'queued', lane, nextAt: { $lte: now } }, { nextAt: 1 })
            .sort({ nextAt: 1 })
            .lean<OutboxDoc>(),
        ),
      )
      const times = rows.flatMap(row => row?.nextAt.getTime() ?? [])
      return times.length > 0 ? new Date(Math.min(...times)) : null
    },
  }
}

/** Notices to the reader of `row` that nobody has in hand. */
const waitingFor = (row: OutboxDoc): QueryFilter<OutboxDoc> => ({
  toKey: row.toKey,
  status: 'queued',
  lane: 'patient',
  $expr: { $lte: ['$leaseUntil', '$$NOW'] },
})

export type Outbox = ReturnType<typeof createOutbox>
