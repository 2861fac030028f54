import { type Connection, Schema } from 'mongoose'
import { type InSession, modelOn, plainSchema, withSession } from '../kernel/mongo.ts'

/**
 * One version of a process. A published version never changes: cases that began with it stay on it. `Definition` is the engine's.
 */
export interface ProcessDoc<Definition = unknown> {
  /** `<key>:<version>` */
  _id: string
  key: string
  version: number
  name: string
  /** `published`: for new cases. `retired`: only running cases stay on it. */
  state: 'draft' | 'published' | 'retired'
  definition: Definition
  savedAt: Date
  savedById: string | null
  publishedAt?: Date
  publishedById?: string | null
}

const schema = new Schema<ProcessDoc>(
  {
    _id: { type: String, required: true },
    key: { type: String, required: true },
    version: { type: Number, required: true },
    name: { type: String, required: true },
    state: { type: String, required: true },
    definition: { type: Schema.Types.Mixed, required: true },
    savedAt: { type: Date, required: true },
    savedById: { type: String, default: null },
    publishedAt: Date,
    publishedById: String,
  },
  plainSchema,
)
schema.index({ key: 1, version: -1 })
schema.index({ state: 1, key: 1, version: -1 })

export const processId = (key: string, version: number): string => `${key}:${version}`

export function createProcesses(connection: Connection) {
  const model = modelOn<ProcessDoc>(connection, 'Process', schema, 'processes')
  /** What is not a draft never changes. */
  const kept = new Map<string, ProcessDoc>()

  return {
    model,

    async version(key: string, version: number): Promise<ProcessDoc | null> {
      const id = processId(key, version)
      const known = kept.get(id)
      if (known) return known
      const row = await model.findById(id).lean<ProcessDoc>()
      if (row && row.state !== 'draft') kept.set(id, row)
      return row
    },

    /** The version for new cases. */
    published: (key: string) => model.findOne({ key, state: 'published' }).sort({ version: -1 }).lean<ProcessDoc>(),

    /** What new cases may begin with, one version of each process. */
    offered: () => model.find({ state: 'published' }).sort({ key: 1, version: -1 }).lean<ProcessDoc[]>(),

    newest: (key: string) => model.findOne({ key }).sort({ version: -1 }).lean<ProcessDoc>(),

    /** Every version, without the definitions. */
    all: (limit: number) =>
      model.find({}, { definition: 0 }).sort({ key: 1, version: -1 }).limit(limit).lean<Omit<ProcessDoc, 'definition'>[]>(),

    /** @throws duplicate key when this version is there already */
    async insert(process: ProcessDoc, options?: InSession): Promise<void> {
      await model.insertMany([process], withSession(options))
    },

    /** @throws duplicate key when that version is not a draft any more */
    async saveDraft(process: ProcessDoc, options?: InSession): Promise<void> {
      const { _id, ...rest } = process
      await model.updateOne({ _id, state: 'draft' }, { $set: rest }, { upsert: true, ...withSession(options) })
    },

    /**
     * New cases begin with this version from now on.
     * @throws duplicate key when somebody published that version meanwhile
     */
    async publish(process: ProcessDoc, options?: InSession): Promise<void> {
      const { _id, ...rest } = process
      await model.updateMany({ key: rest.key, state: 'published' }, { $set: { state: 'retired' } }, withSession(options))
      await model.updateOne({ _id, state: 'draft' }, { $set: rest }, { upsert: true, ...withSession(options) })
    },
  }
}

export type Processes = ReturnType<typeof createProcesses>
