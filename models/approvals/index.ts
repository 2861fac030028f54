import { type Connection, Schema } from 'mongoose'
import { modelOn, plainSchema } from '../kernel/mongo.ts'

/**
 * 审批: the head of a case, a projection of its latest step. `state` is the engine's.
 */
export interface CaseDoc<State = unknown> {
  _id: string
  number: string
  title: string
  customerId: string
  amountMinor: number
  /** `contract:<id>` */
  subject: string
  status: 'running' | 'approved' | 'rejected' | 'withdrawn' | 'incident'
  revision: number
  state: State
  submitterId: string
  submittedAt: Date
  waitingIds: string[]
  participantIds: string[]
  decidedByIds: string[]
  nodeName?: string
  updatedAt: Date
}

const schema = new Schema<CaseDoc>(
  {
    _id: { type: String, required: true },
    number: { type: String, required: true },
    title: { type: String, required: true },
    customerId: { type: String, required: true },
    amountMinor: { type: Number, required: true },
    subject: { type: String, required: true },
    status: { type: String, required: true },
    revision: { type: Number, required: true },
    state: { type: Schema.Types.Mixed, required: true },
    submitterId: { type: String, required: true },
    submittedAt: { type: Date, required: true },
    waitingIds: [String],
    participantIds: [String],
    decidedByIds: [String],
    nodeName: String,
    updatedAt: { type: Date, required: true },
  },
  plainSchema,
)
schema.index({ number: 1 }, { unique: true })
schema.index({ waitingIds: 1, submittedAt: -1, _id: 1 })
schema.index({ submitterId: 1, submittedAt: -1, _id: 1 })
schema.index({ decidedByIds: 1, submittedAt: -1, _id: 1 })
schema.index({ status: 1, submittedAt: -1 })

export type Box = 'waiting' | 'submitted' | 'done'

const BOX_FIELD = { waiting: 'waitingIds', submitted: 'submitterId', done: 'decidedByIds' } as const

export function createCases(connection: Connection) {
  const model = modelOn<CaseDoc>(connection, 'Case', schema, 'cases')
  return {
    model,
    byId: (id: string) => model.findById(id).lean<CaseDoc>(),
    byNumber: (number: string) => model.findOne({ number }).lean<CaseDoc>(),

    /** Make the head follow a step; an older step changes nothing. */
    async follow(head: CaseDoc): Promise<void> {
      const { _id, ...rest } = head
      await model.updateOne({ _id }, { $setOnInsert: rest }, { upsert: true })
      const left = rest.nodeName === undefined ? { $unset: { nodeName: 1 } } : {}
      await model.updateOne({ _id, revision: { $lt: head.revision } }, { $set: rest, ...left })
    },

    page(box: Box, personId: string, limit: number, after?: { at: number; id: string }): Promise<CaseDoc[]> {
      const before = after
        ? { $or: [{ submittedAt: { $lt: new Date(after.at) } }, { submittedAt: new Date(after.at), _id: { $gt: after.id } }] }
        : {}
      return model
        .find({ $and: [{ [BOX_FIELD[box]]: personId }, before] }, { state: 0 })
        .sort({ submittedAt: -1, _id: 1 })
        .limit(limit)
        .lean<CaseDoc[]>()
    },

    /** The last few reasons with which this person rejected, newest first. */
    async reasonsOf(personId: string): Promise<string[]> {
      const rows = await model
        .aggregate<{ comment: string }>([
          { $match: { decidedByIds: personId, status: 'rejected' } },
          { $sort: { submittedAt: -1 } },
          { $limit: 30 },
          { $unwind: '$state.path' },
          { $match: { 'state.path.byId': personId, 'state.path.outcome': 'rejected' } },
          { $project: { comment: '$state.path.comment' } },
        ])
        .exec()
      return [...new Set(rows.flatMap(row => row.comment ?? []))].slice(0, 5)
    },

    countWaiting: (personId: string) => model.countDocuments({ waitingIds: personId }),
    running: (submitterId: string, limit: number) =>
      model
        .find({ submitterId, status: { $in: ['running', 'incident'] } }, { state: 0 })
        .sort({ submittedAt: -1 })
        .limit(limit)
        .lean<CaseDoc[]>(),
    incidents: (limit: number) => model.find({ status: 'incident' }).sort({ submittedAt: -1 }).limit(limit).lean<CaseDoc[]>(),
  }
}
