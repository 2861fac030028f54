import { type Connection, Schema } from 'mongoose'
import { modelOn, plainSchema } from '../kernel/mongo.ts'

/** 微信联系人: a person outside whom a colleague has in the address book of a chat platform, and the customer they belong to. */
export interface ExternalContactDoc {
  /** `<platform>:<corp>:<external id>:<user id>`: one row for each colleague who has them. */
  _id: string
  platform: string
  corp: string
  externalId: string
  /** The colleague. */
  userId: string
  personId: string | null
  name: string
  company?: string
  remark?: string
  /** Normalised by `parsePhone`. */
  mobiles: string[]
  customerId: string | null
  contactId: string | null
  /** `gone`: they or the colleague ended it. */
  status: 'active' | 'gone'
  seenAt: Date
}

const schema = new Schema<ExternalContactDoc>(
  {
    _id: { type: String, required: true },
    platform: { type: String, required: true },
    corp: { type: String, required: true },
    externalId: { type: String, required: true },
    userId: { type: String, required: true },
    personId: { type: String, default: null },
    name: { type: String, required: true },
    company: String,
    remark: String,
    mobiles: [String],
    customerId: { type: String, default: null },
    contactId: { type: String, default: null },
    status: { type: String, required: true },
    seenAt: { type: Date, required: true },
  },
  plainSchema,
)
schema.index({ customerId: 1 })
schema.index({ externalId: 1 })
schema.index({ platform: 1, corp: 1, status: 1, seenAt: 1 })

export function createExternalContacts(connection: Connection) {
  const model = modelOn<ExternalContactDoc>(connection, 'ExternalContact', schema, 'externalContacts')
  return {
    model,
    byId: (id: string) => model.findById(id).lean<ExternalContactDoc>(),
    ofCustomer: (customerId: string, limit = 50) =>
      model.find({ customerId, status: 'active' }).sort({ seenAt: -1 }).limit(limit).lean<ExternalContactDoc[]>(),
    ofExternal: (platform: string, corp: string, externalId: string) =>
      model.find({ platform, corp, externalId }).limit(100).lean<ExternalContactDoc[]>(),

    /** Write a row; returns how it was before. */
    async save(row: ExternalContactDoc): Promise<ExternalContactDoc | null> {
      const { _id, ...rest } = row
      return model
        .findOneAndUpdate({ _id }, { $set: rest }, { upsert: true, returnDocument: 'before' })
        .lean<ExternalContactDoc>()
    },

    /** Rows that a full listing did not show any more. */
    async endUnseen(platform: string, corp: string, before: Date): Promise<number> {
      const { modifiedCount } = await model.updateMany(
        { platform, corp, status: 'active', seenAt: { $lt: before } },
        { $set: { status: 'gone' } },
      )
      return modifiedCount
    },
    async end(id: string): Promise<void> {
      await model.updateOne({ _id: id }, { $set: { status: 'gone' } })
    },
  }
}

export type ExternalContacts = ReturnType<typeof createExternalContacts>
