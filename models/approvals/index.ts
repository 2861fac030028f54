import { type Connection, Schema } from 'mongoose'
import type { ApprovalBox } from '../../common/contract/approvals.ts'
import { createGroupRead } from '../kernel/group-read.ts'
import { createGroupWrite } from '../kernel/group-write.ts'
import { modelOn, plainSchema, QUERY_LIMIT_MS } from '../kernel/mongo.ts'

/** Of the head itself: heads of an older shape are made anew from their steps. */
export const HEAD_SHAPE = 2

/**
 * 审批: the head of a case, a projection of its latest step. `state` is the engine's.
 */
export interface CaseDoc<State = unknown> {
  _id: string
  shape: number
  number: string
  /** 合同审批, 项目报备 … */
  kind: string
  title: string
  customerId?: string
  /** The fact that decides, as text: `620,000.00 元`. */
  keyFact?: string
  /** `contract:<id>`, `request:<id>` */
  subject: string
  processKey: string
  processVersion: number
  status: 'running' | 'approved' | 'rejected' | 'withdrawn' | 'terminated' | 'incident'
  /** Not finished: what lists of running cases look at. */
  open: boolean
  revision: number
  state: State
  submitterId: string
  submittedAt: Date
  /** Who may act now. */
  waitingIds: string[]
  /** Whose votes are still to come at the nodes where the case is, also those whose turn it is not yet. */
  seatedIds: string[]
  decidedByIds: string[]
  copiedIds: string[]
  /** Everybody who has or had a part in the case. */
  participantIds: string[]
  /** The nodes that wait now. */
  nodeName?: string
  /** Since when a branch stands still. */
  stuckSince?: Date
  finishedAt?: Date
  updatedAt: Date
}

const schema = new Schema<CaseDoc>(
  {
    _id: { type: String, required: true },
    shape: { type: Number, required: true },
    number: { type: String, required: true },
    kind: { type: String, required: true },
    title: { type: String, required: true },
    customerId: String,
    keyFact: String,
    subject: { type: String, required: true },
    processKey: { type: String, required: true },
    processVersion: { type: Number, required: true },
    status: { type: String, required: true },
    open: { type: Boolean, required: true },
    revision: { type: Number, required: true },
    state: { type: Schema.Types.Mixed, required: true },
    submitterId: { type: String, required: true },
    submittedAt: { type: Date, required: true },
    waitingIds: [String],
    seatedIds: [String],
    decidedByIds: [String],
    copiedIds: [String],
    participantIds: [String],
    nodeName: String,
    stuckSince: Date,
    finishedAt: Date,
    updatedAt: { type: Date, required: true },
  },
  plainSchema,
)
schema.index({ number: 1 }, { unique: true })
// Finished cases have nobody waiting and nobody seated, and are not open: what these find does not grow with them.
schema.index({ waitingIds: 1, submittedAt: -1, _id: 1 })
schema.index({ seatedIds: 1, _id: 1 })
schema.index({ submitterId: 1, submittedAt: -1 }, { partialFilterExpression: { open: true } })
schema.index({ stuckSince: 1, _id: 1 }, { partialFilterExpression: { status: 'incident' } })
schema.index({ submitterId: 1, submittedAt: -1, _id: 1 })
schema.index({ decidedByIds: 1, submittedAt: -1, _id: 1 })
schema.index({ copiedIds: 1, submittedAt: -1, _id: 1 })
schema.index({ processKey: 1, open: 1, submittedAt: -1, _id: 1 })

export type Box = ApprovalBox

const BOX_FIELD = { waiting: 'waitingIds', submitted: 'submitterId', done: 'decidedByIds', copied: 'copiedIds' } as const

/** For lists: everything but the engine's state. */
export type CaseRow = Omit<CaseDoc, 'state'>
const WITHOUT_STATE = { state: 0 } as const

export function createCases(connection: Connection) {
  const model = modelOn<CaseDoc>(connection, 'Case', schema, 'cases')
  const { writeLater } = createGroupWrite(model)
  const readStates = createGroupRead<Pick<CaseDoc, '_id' | 'state'>>(
    ids =>
      model.collection
        .find({ _id: { $in: ids as never[] } }, { projection: { state: 1 }, maxTimeMS: QUERY_LIMIT_MS })
        .toArray() as unknown as Promise<Pick<CaseDoc, '_id' | 'state'>[]>,
    row => row._id,
  )
  return {
    model,
    /** The state as the head has it, which may lag behind the steps; undefined when there is no head yet. */
    state: async (id: string): Promise<unknown> => (await readStates(id))[0]?.state,
    byId: (id: string) => model.findById(id).lean<CaseDoc>(),
    byIds: (ids: readonly string[]) => model.find({ _id: { $in: [...ids] } }).lean<CaseDoc[]>(),
    byNumber: (number: string) => model.findOne({ number }, WITHOUT_STATE).lean<CaseRow>(),

    /** Make the head follow a step; an older step changes nothing. */
    follow: ({ _id, ...replacement }: CaseDoc): Promise<void> =>
      writeLater({ replaceOne: { filter: { _id, revision: { $lt: replacement.revision } }, replacement, upsert: true } }),

    /** Write a head anew in today's shape; one that a step has moved on meanwhile stays. */
    async reshape(head: CaseDoc): Promise<void> {
      const { _id, ...rest } = head
      await model.updateOne({ _id, revision: { $lte: head.revision } }, { $set: rest, ...unsetAbsent(rest) })
    },
    /** Heads of an older shape. */
    outdated: (limit: number) =>
      model
        .find({ shape: { $ne: HEAD_SHAPE } }, { _id: 1 })
        .limit(limit)
        .lean<{ _id: string }[]>(),

    page(box: Box, personId: string, limit: number, after?: { at: number; id: string }): Promise<CaseRow[]> {
      const before = after
        ? { $or: [{ submittedAt: { $lt: new Date(after.at) } }, { submittedAt: new Date(after.at), _id: { $gt: after.id } }] }
        : {}
      return model
        .find({ $and: [{ [BOX_FIELD[box]]: personId }, before] }, WITHOUT_STATE)
        .sort({ submittedAt: -1, _id: 1 })
        .limit(limit)
        .lean<CaseRow[]>()
    },

    /** Cases in which this person decided and that were rejected, newest first: for the reasons they gave. */
    rejectedWith: (personId: string, limit: number) =>
      model.find({ decidedByIds: personId, status: 'rejected' }).sort({ submittedAt: -1 }).limit(limit).lean<CaseDoc[]>(),

    countWaiting: (personId: string) => model.countDocuments({ waitingIds: personId }),
    running: (submitterId: string, limit: number) =>
      model.find({ submitterId, open: true }, WITHOUT_STATE).sort({ submittedAt: -1 }).limit(limit).lean<CaseRow[]>(),
    /** Where this person may still be asked, in a fixed order. */
    seating: (personId: string, limit: number, afterId?: string) =>
      model
        .find({ seatedIds: personId, ...(afterId && { _id: { $gt: afterId } }) }, WITHOUT_STATE)
        .sort({ _id: 1 })
        .limit(limit)
        .lean<CaseRow[]>(),
    incidents: (limit: number) =>
      model.find({ status: 'incident' }).sort({ stuckSince: 1, _id: 1 }).limit(limit).lean<CaseDoc[]>(),
    /** Running cases that wait for one of these people. */
    waitingFor: (personIds: readonly string[], limit: number) =>
      model
        .find({ waitingIds: { $in: [...personIds] } })
        .sort({ submittedAt: 1 })
        .limit(limit)
        .lean<CaseDoc[]>(),
    runningOf: (processKey: string, limit: number, ids?: readonly string[]) =>
      model
        .find({ processKey, open: true, ...(ids && { _id: { $in: [...ids] } }) })
        .sort({ submittedAt: -1, _id: 1 })
        .limit(limit)
        .lean<CaseDoc[]>(),
    /**
     * Cases that came to an outcome; who withdraws a case has ended it before anybody did.
     *
     * @param submitterIds only cases of these people
     */
    finishedOf: (processKey: string, limit: number, submitterIds?: readonly string[]) =>
      model
        .find({
          processKey,
          open: false,
          status: { $ne: 'withdrawn' },
          ...(submitterIds && { submitterId: { $in: [...submitterIds] } }),
        })
        .sort({ submittedAt: -1, _id: 1 })
        .limit(limit)
        .lean<CaseDoc[]>(),

    /** How many cases run on each version. */
    runningByVersion: () =>
      model
        .aggregate<{ _id: { key: string; version: number }; count: number }>([
          { $match: { open: true } },
          { $group: { _id: { key: '$processKey', version: '$processVersion' }, count: { $sum: 1 } } },
        ])
        .exec(),
  }
}

const OPTIONAL = ['customerId', 'keyFact', 'nodeName', 'stuckSince', 'finishedAt'] as const

/** What the new head lacks must not stay from the old one. */
function unsetAbsent(rest: Omit<CaseDoc, '_id'>): { $unset?: Record<string, 1> } {
  const absent = OPTIONAL.filter(field => rest[field] === undefined)
  return absent.length > 0 ? { $unset: Object.fromEntries(absent.map(field => [field, 1 as const])) } : {}
}
