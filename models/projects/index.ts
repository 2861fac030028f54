import { type Connection, Schema } from 'mongoose'
import { type InSession, modelOn, plainSchema, withSession } from '../kernel/mongo.ts'

export interface ProjectStep {
  id: string
  name: string
  plannedStart: Date
  /** The last planned day. */
  plannedEnd: Date
  doneAt: Date | null
}

/** 项目: the delivery of one contract. */
export interface ProjectDoc {
  _id: string
  contractId: string
  customerId: string
  title: string
  ownerId: string
  steps: ProjectStep[]
  createdAt: Date
}

const schema = new Schema<ProjectDoc>(
  {
    _id: { type: String, required: true },
    contractId: { type: String, required: true, unique: true },
    customerId: { type: String, required: true },
    title: { type: String, required: true },
    ownerId: { type: String, required: true },
    steps: [
      new Schema<ProjectStep>(
        { id: String, name: String, plannedStart: Date, plannedEnd: Date, doneAt: { type: Date, default: null } },
        { _id: false },
      ),
    ],
    createdAt: { type: Date, required: true },
  },
  plainSchema,
)
schema.index({ customerId: 1 })

export function createProjects(connection: Connection) {
  const model = modelOn<ProjectDoc>(connection, 'Project', schema, 'projects')
  return {
    model,
    byId: (id: string) => model.findById(id).lean<ProjectDoc>(),
    ofCustomer: (customerId: string, limit = 50) =>
      model.find({ customerId }).sort({ createdAt: -1 }).limit(limit).lean<ProjectDoc[]>(),
    ofContracts: (contractIds: readonly string[]) => model.find({ contractId: { $in: [...contractIds] } }).lean<ProjectDoc[]>(),
    async ensure(project: ProjectDoc): Promise<void> {
      const { _id, ...rest } = project
      await model.updateOne({ _id }, { $setOnInsert: rest }, { upsert: true })
    },
    async setStep(projectId: string, stepId: string, doneAt: Date | null, options?: InSession): Promise<boolean> {
      const { matchedCount } = await model.updateOne(
        { _id: projectId, 'steps.id': stepId },
        { $set: { 'steps.$.doneAt': doneAt } },
        withSession(options),
      )
      return matchedCount === 1
    },
  }
}
