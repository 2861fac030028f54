import { type Connection, Schema } from 'mongoose'
import { type InSession, modelOn, plainSchema, withSession } from '../kernel/mongo.ts'

/** 联系人: a person at the customer. */
export interface ContactDoc {
  _id: string
  customerId: string
  name: string
  title?: string
  /** Normalised by `parsePhone`. */
  phone: string
  createdBy: string
  createdAt: Date
}

const schema = new Schema<ContactDoc>(
  {
    _id: { type: String, required: true },
    customerId: { type: String, required: true },
    name: { type: String, required: true },
    title: String,
    phone: { type: String, required: true },
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
  },
  plainSchema,
)
schema.index({ phone: 1 })
schema.index({ customerId: 1, phone: 1 }, { unique: true })

export function createContacts(connection: Connection) {
  const model = modelOn<ContactDoc>(connection, 'Contact', schema, 'contacts')
  return {
    model,
    byPhone: (phone: string, options?: InSession) =>
      model.find({ phone }, null, withSession(options)).sort({ createdAt: 1 }).limit(5).lean<ContactDoc[]>(),
    ofCustomer: (customerId: string, limit = 50) =>
      model.find({ customerId }).sort({ createdAt: 1 }).limit(limit).lean<ContactDoc[]>(),
    /** The contact with this phone at this customer, made if there is none. */
    async ensure(contact: ContactDoc, options?: InSession): Promise<string> {
      const { _id, customerId, phone, ...rest } = contact
      const row = await model
        .findOneAndUpdate(
          { customerId, phone },
          { $setOnInsert: { _id, ...rest } },
          { upsert: true, returnDocument: 'after', ...withSession(options) },
        )
        .lean<ContactDoc>()
      return row?._id ?? _id
    },
  }
}

export type Contacts = ReturnType<typeof createContacts>
