import { type Connection, Schema } from 'mongoose'
import type { ContractStatus, ContractType } from '../../common/contract/contracts.ts'
import type { ScopeFilter } from '../customers/index.ts'
import { createGroupWrite } from '../kernel/group-write.ts'
import { modelOn, plainSchema } from '../kernel/mongo.ts'

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
  /** Of the case it follows: an older one changes nothing. */
  revision?: number
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
    revision: Number,
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
  const { writeLater } = createGroupWrite(model)
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

    /** Make the contract follow a step of its case; an older step changes nothing. */
    follow: ({ _id, ...replacement }: ContractDoc & { revision: number }): Promise<void> =>
      writeLater({
        replaceOne: { filter: { _id, revision: { $not: { $gte: replacement.revision } } }, replacement, upsert: true },
      }),
  }
}
