import { type Connection, Schema } from 'mongoose'
import { type InSession, modelOn, plainSchema, withSession } from '../kernel/mongo.ts'

/** 委托: one person stands in for another who is away. */
export interface DelegationDoc {
  _id: string
  /** Who is away. */
  fromId: string
  /** Who stands in. */
  toId: string
  startsAt: Date
  /** Null: until somebody ends it. */
  endsAt: Date | null
  reason?: string
  /** The absent person, or an admin. */
  setById: string
  createdAt: Date
  state: 'open' | 'ended'
  endedAt?: Date
  endedById?: string
}

const schema = new Schema<DelegationDoc>(
  {
    _id: { type: String, required: true },
    fromId: { type: String, required: true },
    toId: { type: String, required: true },
    startsAt: { type: Date, required: true },
    endsAt: { type: Date, default: null },
    reason: String,
    setById: { type: String, required: true },
    createdAt: { type: Date, required: true },
    state: { type: String, required: true },
    endedAt: Date,
    endedById: String,
  },
  plainSchema,
)
schema.index({ state: 1, startsAt: 1 })
schema.index({ fromId: 1, createdAt: -1 })
schema.index({ toId: 1, state: 1 })

export function createDelegations(connection: Connection) {
  const model = modelOn<DelegationDoc>(connection, 'Delegation', schema, 'delegations')
  return {
    model,
    byId: (id: string, options?: InSession) => model.findById(id, null, withSession(options)).lean<DelegationDoc>(),
    /** All that hold or will hold. */
    open: () => model.find({ state: 'open' }).sort({ startsAt: 1 }).lean<DelegationDoc[]>(),
    openOf: (fromId: string, options?: InSession) =>
      model.find({ fromId, state: 'open' }, null, withSession(options)).sort({ startsAt: 1 }).lean<DelegationDoc[]>(),

    /** Newest first. @param personId as absent person or as stand-in; absent: everybody's */
    page(
      personId: string | undefined,
      open: boolean,
      limit: number,
      after?: { at: number; id: string },
    ): Promise<DelegationDoc[]> {
      const mine = personId ? { $or: [{ fromId: personId }, { toId: personId }] } : {}
      const before = after
        ? { $or: [{ createdAt: { $lt: new Date(after.at) } }, { createdAt: new Date(after.at), _id: { $gt: after.id } }] }
        : {}
      return model
        .find({ $and: [mine, before, open ? { state: 'open' } : {}] })
        .sort({ createdAt: -1, _id: 1 })
        .limit(limit)
        .lean<DelegationDoc[]>()
    },

    async insert(delegation: DelegationDoc, options?: InSession): Promise<void> {
      await model.insertMany([delegation], withSession(options))
    },

    async reassign(oldId: string, newId: string): Promise<void> {
      await model.updateMany({ fromId: oldId }, { $set: { fromId: newId } })
      await model.updateMany({ toId: oldId }, { $set: { toId: newId } })
    },

    /** Null when it has ended before. */
    end(id: string, at: Date, endedById?: string, options?: InSession): Promise<DelegationDoc | null> {
      return model
        .findOneAndUpdate(
          { _id: id, state: 'open' },
          { $set: { state: 'ended', endedAt: at, ...(endedById && { endedById }) } },
          { returnDocument: 'after', ...withSession(options) },
        )
        .lean<DelegationDoc>()
    },
  }
}

export type Delegations = ReturnType<typeof createDelegations>
