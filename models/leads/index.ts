import { type Connection, Schema } from 'mongoose'
import type { LeadRow } from '../../common/contract/leads.ts'
import type { ScopeFilter } from '../customers/index.ts'
import { type InSession, modelOn, plainSchema, withSession } from '../kernel/mongo.ts'

/** 线索 */
export interface LeadDoc {
  _id: string
  number: string
  company: string
  contact: string
  phone: string
  interest?: string
  budgetMinor?: number
  status: LeadRow['status']
  customerId: string
  contactId: string
  ownerId: string
  createdBy: string
  createdAt: Date
}

const schema = new Schema<LeadDoc>(
  {
    _id: { type: String, required: true },
    number: { type: String, required: true, unique: true },
    company: { type: String, required: true },
    contact: { type: String, required: true },
    phone: { type: String, required: true },
    interest: String,
    budgetMinor: Number,
    status: { type: String, required: true },
    customerId: { type: String, required: true },
    contactId: { type: String, required: true },
    ownerId: { type: String, required: true },
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
  },
  plainSchema,
)
schema.index({ customerId: 1, createdAt: -1 })
schema.index({ ownerId: 1, createdAt: -1 })

export function createLeads(connection: Connection) {
  const model = modelOn<LeadDoc>(connection, 'Lead', schema, 'leads')
  return {
    model,
    byId: (id: string) => model.findById(id).lean<LeadDoc>(),
    ofCustomer: (customerId: string, scope: ScopeFilter = {}, limit = 20) =>
      model
        .find({ $and: [{ customerId }, scope] })
        .sort({ createdAt: -1 })
        .limit(limit)
        .lean<LeadDoc[]>(),
    ofCustomers: (customerIds: readonly string[], scope: ScopeFilter, limit: number) =>
      model
        .find({ $and: [{ customerId: { $in: [...customerIds] } }, scope] })
        .sort({ createdAt: -1 })
        .limit(limit)
        .lean<LeadDoc[]>(),
    /** The customer's leads go on; closed ones stay closed. */
    async advance(
      customerId: string,
      to: LeadDoc['status'],
      from: readonly LeadDoc['status'][],
      options?: InSession,
    ): Promise<void> {
      await model.updateMany({ customerId, status: { $in: [...from] } }, { $set: { status: to } }, withSession(options))
    },
    async insert(lead: LeadDoc, options?: InSession): Promise<void> {
      await model.insertMany([lead], withSession(options))
    },
  }
}

export type Leads = ReturnType<typeof createLeads>
