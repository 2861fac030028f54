import { type Connection, Schema } from 'mongoose'
import type { TimelineEntry } from '../../common/contract/customers.ts'
import { type InSession, modelOn, plainSchema, withSession } from '../kernel/mongo.ts'

/** One event in a customer's history, written with the change it tells of. */
export interface TimelineDoc {
  _id: string
  customerId: string
  at: Date
  type: TimelineEntry['type']
  title: string
  text?: string
  byId: string | null
  to?: string
}

const schema = new Schema<TimelineDoc>(
  {
    _id: { type: String, required: true },
    customerId: { type: String, required: true },
    at: { type: Date, required: true },
    type: { type: String, required: true },
    title: { type: String, required: true },
    text: String,
    byId: { type: String, default: null },
    to: String,
  },
  plainSchema,
)
schema.index({ customerId: 1, at: -1, _id: 1 })

export function createTimeline(connection: Connection) {
  const model = modelOn<TimelineDoc>(connection, 'Timeline', schema, 'timeline')
  return {
    model,
    async add(entry: TimelineDoc, options?: InSession): Promise<void> {
      const { _id, ...rest } = entry
      await model.updateOne({ _id }, { $setOnInsert: rest }, { upsert: true, ...withSession(options) })
    },
    /** Newest first. @param leadsOf whose leads may be told of: a customer's owner need not see the leads of others on it */
    page(
      customerId: string,
      type: TimelineEntry['type'] | 'all',
      leadsOf: readonly string[],
      limit: number,
      after?: { at: number; id: string },
    ): Promise<TimelineDoc[]> {
      const leads = { $or: [{ type: { $ne: 'lead' as const } }, { byId: { $in: [...leadsOf] } }] }
      const before = after
        ? { $or: [{ at: { $lt: new Date(after.at) } }, { at: new Date(after.at), _id: { $gt: after.id } }] }
        : {}
      return model
        .find({ $and: [{ customerId }, type === 'all' ? {} : { type }, leads, before] })
        .sort({ at: -1, _id: 1 })
        .limit(limit)
        .lean<TimelineDoc[]>()
    },
  }
}

export type Timeline = ReturnType<typeof createTimeline>
