import { type Connection, Schema } from 'mongoose'
import { type InSession, isDuplicateKey, modelOn, plainSchema, withSession } from './mongo.ts'

/**
 * A text that is to reach somebody. `unknown`: the platform's answer was lost; it may have arrived and is not blindly repeated.
 */
export interface OutboxDoc {
  _id: string
  /** Person, or the group the question came from. */
  to:
    | { personId: string }
    | { platform: string; corp: string; userId: string }
    | { platform: string; corp: string; groupId: string }
  text: string
  /** Token of the event being answered; only good on the platform it came from. */
  replyTo?: { platform: string; token: string }
  urgency: 'reply' | 'notice'
  /** The text holds a link that is a key: it is forgotten once it was sent. */
  secret?: boolean
  status: 'queued' | 'sending' | 'sent' | 'unknown' | 'not_reached' | 'dead'
  attempts: number
  nextAt: Date
  leaseBy: string | null
  leaseUntil: Date
  createdAt: Date
  sentAt?: Date
  platform?: string
  messageId?: string
  error?: { code: string; message: string }
}

export type NewMessage = Pick<OutboxDoc, '_id' | 'to' | 'text' | 'urgency'> & Partial<Pick<OutboxDoc, 'replyTo' | 'secret'>>

const schema = new Schema<OutboxDoc>(
  {
    _id: { type: String, required: true },
    to: { type: Schema.Types.Mixed, required: true },
    text: { type: String, required: true },
    replyTo: Schema.Types.Mixed,
    urgency: { type: String, required: true },
    secret: Boolean,
    status: { type: String, required: true },
    attempts: { type: Number, required: true },
    nextAt: { type: Date, required: true },
    leaseBy: { type: String, default: null },
    leaseUntil: { type: Date, required: true },
    createdAt: { type: Date, required: true, expires: 90 * 24 * 3600 },
    sentAt: Date,
    platform: String,
    messageId: String,
    error: { code: String, message: String },
  },
  plainSchema,
)
schema.index({ status: 1, nextAt: 1 })

export function createOutbox(connection: Connection) {
  const model = modelOn<OutboxDoc>(connection, 'Outbox', schema, 'outbox')

  return {
    model,

    /** Queue messages; one that is there already stays as it is. */
    async put(messages: readonly NewMessage[], now: Date, options?: InSession): Promise<void> {
      if (messages.length === 0) return
      const documents = messages.map(message => ({
        ...message,
        status: 'queued' as const,
        attempts: 0,
        nextAt: now,
        leaseBy: null,
        leaseUntil: now,
        createdAt: now,
      }))
      if (options?.session) {
        await model.insertMany(documents, withSession(options))
        return
      }
      try {
        await model.insertMany(documents, { ordered: false })
      } catch (error) {
        if (!isDuplicateKey(error)) throw error
      }
    },

    /** Next message that is due, marked as being sent. */
    claim(leaseBy: string, now: Date, leaseMs: number): Promise<OutboxDoc | null> {
      return model
        .findOneAndUpdate(
          { status: 'queued', nextAt: { $lte: now } },
          { $set: { status: 'sending', leaseBy, leaseUntil: new Date(now.getTime() + leaseMs) }, $inc: { attempts: 1 } },
          { sort: { nextAt: 1 }, returnDocument: 'after' },
        )
        .lean<OutboxDoc>()
    },

    async settle(id: string, leaseBy: string, change: Partial<OutboxDoc>): Promise<void> {
      await model.updateOne({ _id: id, leaseBy, status: 'sending' }, { $set: { ...change, leaseBy: null } })
    },

    /** What a dead process was sending when it died: nobody knows whether it went out. */
    async markLost(now: Date): Promise<number> {
      const { modifiedCount } = await model.updateMany(
        { status: 'sending', leaseUntil: { $lte: now } },
        {
          $set: { status: 'unknown', leaseBy: null, error: { code: 'channel.answer_lost', message: '发送结果未知,未重复发送' } },
        },
      )
      return modifiedCount
    },

    troubled(limit: number): Promise<OutboxDoc[]> {
      return model
        .find({ status: { $in: ['dead', 'unknown'] } })
        .sort({ createdAt: -1 })
        .limit(limit)
        .lean<OutboxDoc[]>()
    },

    async replay(id: string, now: Date): Promise<boolean> {
      const { matchedCount } = await model.updateOne(
        { _id: id, status: { $in: ['dead', 'unknown'] } },
        { $set: { status: 'queued', attempts: 0, nextAt: now }, $unset: { error: 1 } },
      )
      return matchedCount === 1
    },

    countQueued: () => model.countDocuments({ status: { $in: ['queued', 'sending'] } }),
  }
}

export type Outbox = ReturnType<typeof createOutbox>
