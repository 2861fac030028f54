import { type Connection, Schema } from 'mongoose'
import type { SpaceSubject } from '../../common/contract/spaces.ts'
import { createLeases, type Leased, leaseFields, leaseOf, unleased } from '../kernel/lease.ts'
import { type InSession, modelOn, plainSchema, withSession } from '../kernel/mongo.ts'

/**
 * A group on a chat platform, bound to a record. `opening`: wished for; `greeting`: it is there, its first card is not; `open`; `failed`: refused,
 * may be asked for again.
 */
export interface SpaceDoc extends Leased {
  /** `<platform>:<subject>:<id>`: one group for a record on a platform. */
  _id: string
  platform: string
  corp: string
  subject: SpaceSubject
  subjectId: string
  customerId: string
  name: string
  /** Names the wish at the platform: a repetition of it is answered with the same group. */
  requestId: string
  ownerUserId: string
  memberUserIds: string[]
  memberIds: string[]
  openedById: string
  openedAt: Date
  status: 'opening' | 'greeting' | 'open' | 'failed'
  groupId?: string
  attempts: number
  /** Business time. */
  nextAt: Date
  error?: { code: string; message: string }
}

export type NewSpace = Omit<SpaceDoc, keyof Leased | 'status' | 'attempts' | 'nextAt' | 'groupId' | 'error'>

const schema = new Schema<SpaceDoc>(
  {
    _id: { type: String, required: true },
    platform: { type: String, required: true },
    corp: { type: String, required: true },
    subject: { type: String, required: true },
    subjectId: { type: String, required: true },
    customerId: { type: String, required: true },
    name: { type: String, required: true },
    requestId: { type: String, required: true },
    ownerUserId: { type: String, required: true },
    memberUserIds: [String],
    memberIds: [String],
    openedById: { type: String, required: true },
    openedAt: { type: Date, required: true },
    status: { type: String, required: true },
    groupId: String,
    attempts: { type: Number, required: true },
    nextAt: { type: Date, required: true },
    error: { code: String, message: String },
    ...leaseFields,
  },
  plainSchema,
)
schema.index({ customerId: 1, openedAt: -1 })
schema.index({ nextAt: 1 }, { partialFilterExpression: { status: { $in: ['opening', 'greeting'] } } })

const UNFINISHED = { status: { $in: ['opening', 'greeting'] as SpaceDoc['status'][] } }

export function createSpaces(connection: Connection) {
  const model = modelOn<SpaceDoc>(connection, 'Space', schema, 'spaces')
  const leases = createLeases(model)
  return {
    model,
    byId: (id: string, options?: InSession) => model.findById(id, null, withSession(options)).lean<SpaceDoc>(),
    ofCustomer: (customerId: string, limit = 20) =>
      model.find({ customerId }).sort({ openedAt: -1 }).limit(limit).lean<SpaceDoc[]>(),

    /** Wish for a group; one that failed is wished for anew. @throws duplicate key when there is one */
    async begin(space: NewSpace, options?: InSession): Promise<void> {
      const { _id, ...rest } = space
      const fresh = { ...rest, ...unleased(), status: 'opening' as const, attempts: 0, nextAt: space.openedAt }
      const { matchedCount } = await model.updateOne(
        { _id, status: 'failed' },
        { $set: fresh, $unset: { error: 1, groupId: 1 } },
        withSession(options),
      )
      if (matchedCount === 0) await model.insertMany([{ _id, ...fresh }], withSession(options))
    },

    /** Groups that are not finished, for whoever finishes them. */
    unfinished: (now: Date, limit: number) =>
      model
        .find({ ...UNFINISHED, nextAt: { $lte: now } }, { _id: 1 })
        .limit(limit)
        .lean<{ _id: string }[]>(),
    claim: (id: string, by: string, leaseMs: number) => leases.claim({ filter: { _id: id, ...UNFINISHED }, by, leaseMs }),
    /** A step was done; the claim goes on. */
    advance: (space: SpaceDoc, set: Partial<SpaceDoc>) => leases.write(leaseOf(space), set),
    finish: (space: SpaceDoc, set: Partial<SpaceDoc>) => leases.finish(leaseOf(space), set),
  }
}

export type Spaces = ReturnType<typeof createSpaces>
