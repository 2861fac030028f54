import { type Connection, Schema } from 'mongoose'
import type { CaseStatus } from '../../common/contract/approvals.ts'
import type { ScopeFilter } from '../customers/index.ts'
import { createGroupWrite } from '../kernel/group-write.ts'
import { modelOn, plainSchema } from '../kernel/mongo.ts'

/** 申请: a form that a process decides about. It follows its case. */
export interface RequestDoc {
  _id: string
  number: string
  processKey: string
  /** 项目报备, 资源申请 … */
  kind: string
  title: string
  customerId?: string
  form: Record<string, unknown>
  attachmentIds: string[]
  status: CaseStatus
  caseId: string
  /** Of the case it follows: an older one changes nothing. */
  revision: number
  /** The submitter; what scopes read. */
  ownerId: string
  submittedAt: Date
  /** Everybody who had or has a part in it. */
  participantIds: string[]
  finishedAt?: Date
}

const schema = new Schema<RequestDoc>(
  {
    _id: { type: String, required: true },
    number: { type: String, required: true, unique: true },
    processKey: { type: String, required: true },
    kind: { type: String, required: true },
    title: { type: String, required: true },
    customerId: String,
    form: { type: Schema.Types.Mixed, required: true },
    attachmentIds: [String],
    status: { type: String, required: true },
    caseId: { type: String, required: true },
    revision: { type: Number, required: true },
    ownerId: { type: String, required: true },
    submittedAt: { type: Date, required: true },
    participantIds: [String],
    finishedAt: Date,
  },
  plainSchema,
)
schema.index({ customerId: 1, submittedAt: -1 })
schema.index({ caseId: 1 }, { unique: true })
schema.index({ attachmentIds: 1 })

export function createRequests(connection: Connection) {
  const model = modelOn<RequestDoc>(connection, 'Request', schema, 'requests')
  const { writeLater } = createGroupWrite(model)
  return {
    model,
    byId: (id: string) => model.findById(id).lean<RequestDoc>(),
    byCase: (caseId: string) => model.findOne({ caseId }).lean<RequestDoc>(),
    ofCustomer: (customerId: string, scope: ScopeFilter = {}, limit = 50) =>
      model
        .find({ $and: [{ customerId }, scope] })
        .sort({ submittedAt: -1 })
        .limit(limit)
        .lean<RequestDoc[]>(),
    withAttachment: (fileId: string) => model.find({ attachmentIds: fileId }).limit(5).lean<RequestDoc[]>(),

    /** Make the request follow a step of its case; an older step changes nothing. */
    follow: ({ _id, ...replacement }: RequestDoc): Promise<void> =>
      writeLater({ replaceOne: { filter: { _id, revision: { $lt: replacement.revision } }, replacement, upsert: true } }),
  }
}
