import { type Connection, Schema } from 'mongoose'
import { createGroupCommit } from './group-commit.ts'
import { modelOn, plainSchema } from './mongo.ts'

/**
 * One decision. The insert *is* the decision: of two rivals one gets a duplicate key, reloads and decides again.
 * `State`, `Event` and `Effect` belong to the engine.
 */
export interface StepDoc<State = unknown, Event = unknown, Effect = unknown> {
  /** `<case>:<revision>` */
  _id: string
  caseId: string
  revision: number
  commandId: string
  actorId: string
  via: string
  at: Date
  event: Event
  after: State
  effects: Effect[]
  /** Set until heads, to-dos, cards and notices follow this step. */
  pending?: boolean
  /** How often its follow-up was taken up again. */
  attempts?: number
}

const schema = new Schema<StepDoc>(
  {
    _id: { type: String, required: true },
    caseId: { type: String, required: true },
    revision: { type: Number, required: true },
    commandId: { type: String, required: true },
    actorId: { type: String, required: true },
    via: { type: String, required: true },
    at: { type: Date, required: true },
    event: { type: Schema.Types.Mixed, required: true },
    after: { type: Schema.Types.Mixed, required: true },
    effects: { type: [Schema.Types.Mixed], required: true } as never,
    pending: Boolean,
    attempts: Number,
  },
  plainSchema,
)
schema.index({ commandId: 1 }, { unique: true })
schema.index({ caseId: 1, revision: -1 })
schema.index({ at: 1 }, { partialFilterExpression: { pending: true } })

export const stepId = (caseId: string, revision: number): string => `${caseId}:${String(revision).padStart(6, '0')}`

export function createSteps(connection: Connection) {
  const model = modelOn<StepDoc>(connection, 'Step', schema, 'steps')
  const insert = createGroupCommit<StepDoc>({
    insertMany: documents => model.collection.insertMany(documents as never[], { ordered: false }),
    existing: async ids => (await model.find({ _id: { $in: ids } }, { _id: 1 }).lean()).map(row => row._id),
  })

  return {
    model,
    /** @throws duplicate key on `_id` (a rival was faster) or on `commandId` (this command was committed before) */
    insert,
    byCommand: (commandId: string) => model.findOne({ commandId }).lean<StepDoc>(),
    at: (caseId: string, revision: number) => model.findById(stepId(caseId, revision)).lean<StepDoc>(),
    latest: (caseId: string) => model.findOne({ caseId }).sort({ revision: -1 }).lean<StepDoc>(),
    all: (caseId: string) => model.find({ caseId }).sort({ revision: 1 }).lean<StepDoc[]>(),
    /** The acts on a case without the states they led to, oldest first. */
    log: (caseId: string, limit: number) =>
      model.find({ caseId }, { after: 0 }).sort({ revision: 1 }).limit(limit).lean<Omit<StepDoc, 'after'>[]>(),
    /** Steps that nothing followed yet: what a crash left behind. */
    pending: (before: Date, limit: number) =>
      model
        .find({ pending: true, at: { $lte: before } })
        .sort({ at: 1 })
        .limit(limit)
        .lean<StepDoc[]>(),
    async attempted(id: string): Promise<void> {
      await model.updateOne({ _id: id }, { $inc: { attempts: 1 } })
    },
    async followed(id: string): Promise<void> {
      await model.updateOne({ _id: id }, { $unset: { pending: 1 } })
    },
  }
}

export type Steps = ReturnType<typeof createSteps>
