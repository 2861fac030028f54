import { type Connection, Schema } from 'mongoose'
import { createGroupRead } from './group-read.ts'
import { createGroupEnsure } from './group-write.ts'
import { type InSession, modelOn, plainSchema, QUERY_LIMIT_MS, withSession } from './mongo.ts'

/** One committed command: the audit row, and the first result that a repetition gets. */
export interface CommandLogDoc {
  /** The command id. */
  _id: string
  name: string
  actorId: string
  /** 企业微信 / 钉钉 / H5 … */
  via: string
  at: Date
  /** What it was about, for the reader of the log: record ids and numbers, no free text. */
  subject?: string
  result: unknown
}

const schema = new Schema<CommandLogDoc>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    actorId: { type: String, required: true },
    via: { type: String, required: true },
    at: { type: Date, required: true },
    subject: String,
    result: Schema.Types.Mixed,
  },
  plainSchema,
)
schema.index({ actorId: 1, at: -1 })
schema.index({ subject: 1, at: -1 })

export function createCommandLog(connection: Connection) {
  const model = modelOn<CommandLogDoc>(connection, 'CommandLog', schema, 'command_log')
  const read = createGroupRead<CommandLogDoc>(
    ids =>
      model.collection.find({ _id: { $in: ids as never[] } }, { maxTimeMS: QUERY_LIMIT_MS }).toArray() as unknown as Promise<
        CommandLogDoc[]
      >,
    row => row._id,
  )
  const ensure = createGroupEnsure(model)
  return {
    model,
    find: async (commandId: string): Promise<CommandLogDoc | null> => (await read(commandId))[0] ?? null,
    /** @throws duplicate key when the command was committed before */
    async insert(document: CommandLogDoc, options?: InSession): Promise<void> {
      await model.insertMany([document], withSession(options))
    },
    /** For logs written after the fact (decisions): a repetition is no error. */
    ensure: (document: CommandLogDoc): Promise<void> => ensure([document]),
  }
}

export type CommandLog = ReturnType<typeof createCommandLog>
