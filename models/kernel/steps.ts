import { type Connection, Schema } from 'mongoose'
import { createGathering, type Settled } from './gathering.ts'
import { createGroupCommit } from './group-commit.ts'
import { modelOn, plainSchema } from './mongo.ts'
import { createRecent } from './recent.ts'

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
  /** Why the last of them failed. */
  error?: { code: string; message: string }
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
    error: { code: String, message: String },
  },
  plainSchema,
)
schema.index({ commandId: 1 }, { unique: true })
schema.index({ caseId: 1, revision: -1 })
schema.index({ at: 1 }, { partialFilterExpression: { pending: true } })

/** What could not be followed so often waits for an admin. */
export const FOLLOW_ATTEMPTS = 20

const STUCK = { pending: true, attempts: { $gte: FOLLOW_ATTEMPTS } }

/** Cases of which the state is at hand: all that run in a company of some thousand people, a few megabytes. */
const AT_HAND = 1000

export const stepId = (caseId: string, revision: number): string => `${caseId}:${String(revision).padStart(6, '0')}`

export function createSteps(connection: Connection) {
  const model = modelOn<StepDoc>(connection, 'Step', schema, 'steps')
  const recent = createRecent<StepDoc>(AT_HAND)
  const commit = createGroupCommit<StepDoc>({
    insertMany: documents => model.collection.insertMany(documents as never[], { ordered: false }),
    async existing(documents) {
      const rows = await model.find({ _id: { $in: documents.map(({ _id }) => _id) } }, { commandId: 1 }).lean()
      const commandOf = new Map(rows.map(({ _id, commandId }) => [_id, commandId]))
      return documents.filter(({ _id, commandId }) => commandOf.get(_id) === commandId)
    },
  })
  const unmark = createGathering<string, void>({
    async fly(ids) {
      await model.collection.updateMany({ _id: { $in: [...ids] as never[] } }, { $unset: { pending: 1 } })
      return ids.map((): Settled<void> => ({ ok: true, value: undefined }))
    },
  })

  return {
    model,
    /** @throws duplicate key on `_id` (a rival was faster) or on `commandId` (this command was committed before) */
    async insert(step: StepDoc): Promise<void> {
      try {
        await commit(step)
        recent.put(step.caseId, step)
      } catch (error) {
        recent.drop(step.caseId)
        throw error
      }
    },
    /** The last step that this process committed, if it is still at hand. The case may have gone on since. */
    recent: (caseId: string): StepDoc | undefined => recent.get(caseId),
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
        .find({ pending: true, at: { $lte: before }, attempts: { $not: { $gte: FOLLOW_ATTEMPTS } } })
        .sort({ at: 1 })
        .limit(limit)
        .lean<StepDoc[]>(),
    async attempted(id: string): Promise<void> {
      await model.updateOne({ _id: id }, { $inc: { attempts: 1 } })
    },
    async notFollowed(id: string, error: { code: string; message: string }): Promise<void> {
      await model.updateOne({ _id: id }, { $set: { error } })
    },
    /** Steps that are not tried any more. */
    stuck: (limit: number) => model.find(STUCK, { after: 0 }).sort({ at: -1 }).limit(limit).lean<Omit<StepDoc, 'after'>[]>(),
    countStuck: () => model.countDocuments(STUCK),
    async replay(id: string): Promise<boolean> {
      const { matchedCount } = await model.updateOne({ ...STUCK, _id: id }, { $set: { attempts: 0 } })
      return matchedCount === 1
    },
    /** Everything that follows from it is there. */
    followed: unmark,
  }
}

export type Steps = ReturnType<typeof createSteps>
