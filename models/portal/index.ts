import { type Connection, Schema } from 'mongoose'
import { type InSession, modelOn, plainSchema, withSession } from '../kernel/mongo.ts'

/** A customer's link. Only the token's digest is stored: whoever reads the database cannot open pages with it. */
export interface ShareDoc {
  /** Hex SHA-256 of the token. */
  _id: string
  customerId: string
  purpose: 'progress'
  createdBy: string
  createdAt: Date
  expiresAt: Date
  revokedAt: Date | null
  views: number
  lastViewedAt: Date | null
}

const schema = new Schema<ShareDoc>(
  {
    _id: { type: String, required: true },
    customerId: { type: String, required: true },
    purpose: { type: String, required: true },
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    revokedAt: { type: Date, default: null },
    views: { type: Number, required: true },
    lastViewedAt: { type: Date, default: null },
  },
  plainSchema,
)
schema.index({ customerId: 1, createdAt: -1 })

export function createShares(connection: Connection) {
  const model = modelOn<ShareDoc>(connection, 'Share', schema, 'shares')
  return {
    model,
    byDigest: (digest: string) => model.findById(digest).lean<ShareDoc>(),
    ofCustomer: (customerId: string, limit = 20) =>
      model.find({ customerId }).sort({ createdAt: -1 }).limit(limit).lean<ShareDoc[]>(),
    async insert(share: ShareDoc, options?: InSession): Promise<void> {
      await model.insertMany([share], withSession(options))
    },
    async revoke(customerId: string, at: Date, options?: InSession): Promise<number> {
      const { modifiedCount } = await model.updateMany(
        { customerId, revokedAt: null, expiresAt: { $gt: at } },
        { $set: { revokedAt: at } },
        withSession(options),
      )
      return modifiedCount
    },
    async countView(digest: string, at: Date): Promise<void> {
      await model.updateOne({ _id: digest }, { $inc: { views: 1 }, $set: { lastViewedAt: at } })
    },
  }
}
