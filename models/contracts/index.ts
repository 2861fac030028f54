import { type Connection, Schema } from 'mongoose'
import type { ContractStatus, ContractType } from '../../common/contract/contracts.ts'
import type { ScopeFilter } from '../customers/index.ts'
import { type InSession, modelOn, plainSchema, withSession } from '../kernel/mongo.ts'

/** 合同. Its status follows the approval case. */
export interface ContractDoc {
  _id: string
  number: string
  customerId: string
  title: string
  type: ContractType
  amountMinor: number
  attachmentIds: string[]
  status: ContractStatus
  caseId: string
  /** The customer's owner when it was submitted; named on the customer's page. */
  ownerId: string
  submitterId: string
  submittedAt: Date
  /** Everybody who had or has a task in its approval. */
  participantIds: string[]
  finishedAt?: Date
}

const schema = new Schema<ContractDoc>(
  {
    _id: { type: String, required: true },
    number: { type: String, required: true, unique: true },
    customerId: { type: String, required: true },
    title: { type: String, required: true },
    type: { type: String, required: true },
    amountMinor: { type: Number, required: true },
    attachmentIds: [String],
    status: { type: String, required: true },
    caseId: { type: String, required: true },
    ownerId: { type: String, required: true },
    submitterId: { type: String, required: true },
    submittedAt: { type: Date, required: true },
    participantIds: [String],
    finishedAt: Date,
  },
  plainSchema,
)
schema.index({ customerId: 1, submittedAt: -1 })
schema.index({ caseId: 1 }, { unique: true })
schema.index({ attachmentIds: 1 })

export function createContracts(connection: Connection) {
  const model = modelOn<ContractDoc>(connection, 'Contract', schema, 'contracts')
  return {
    model,
    byId: (id: string) => model.findById(id).lean<ContractDoc>(),
    byCase: (caseId: string) => model.findOne({ caseId }).lean<ContractDoc>(),
    byCases: (caseIds: readonly string[]) => model.find({ caseId: { $in: [...caseIds] } }).lean<ContractDoc[]>(),
    ofCustomer: (customerId: string, scope: ScopeFilter = {}, limit = 50) =>
      model
        .find({ $and: [{ customerId }, scope] })
        .sort({ submittedAt: -1 })
        .limit(limit)
        .lean<ContractDoc[]>(),
    withAttachment: (fileId: string) => model.find({ attachmentIds: fileId }).limit(5).lean<ContractDoc[]>(),
    async ensure(contract: ContractDoc, options?: InSession): Promise<void> {
      const { _id, ...rest } = contract
      await model.updateOne({ _id }, { $setOnInsert: rest }, { upsert: true, ...withSession(options) })
    },
    async follow(caseId: string, change: { status: ContractStatus; participantIds: string[]; finishedAt?: Date }): Promise<void> {
      const { participantIds, ...set } = change
      await model.updateOne({ caseId }, { $set: set, $addToSet: { participantIds: { $each: participantIds } } })
    },
  }
}
