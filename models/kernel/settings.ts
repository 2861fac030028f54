import { type Connection, Schema } from 'mongoose'
import { modelOn, plainSchema } from './mongo.ts'

interface SettingDoc {
  _id: string
  value: unknown
}

const schema = new Schema<SettingDoc>({ _id: { type: String, required: true }, value: Schema.Types.Mixed }, plainSchema)

/** The few things an admin sets while the service runs. */
export function createSettings(connection: Connection) {
  const model = modelOn<SettingDoc>(connection, 'Setting', schema, 'settings')
  return {
    model,
    async get<Value>(name: string): Promise<Value | undefined> {
      return (await model.findById(name).lean<SettingDoc>())?.value as Value | undefined
    },
    async set(name: string, value: unknown): Promise<void> {
      await model.updateOne({ _id: name }, { $set: { value } }, { upsert: true })
    },
    /** Set it only if it still is `expected`, as it was read; false when somebody was faster. */
    async swap(name: string, expected: unknown, value: unknown): Promise<boolean> {
      const { matchedCount } = await model.updateOne({ _id: name, value: expected }, { $set: { value } })
      return matchedCount === 1
    },
    /** The first writer wins; the stored value comes back. */
    async setOnce<Value>(name: string, value: Value): Promise<Value> {
      const row = await model
        .findOneAndUpdate({ _id: name }, { $setOnInsert: { value } }, { upsert: true, returnDocument: 'after' })
        .lean<SettingDoc>()
      return row?.value as Value
    },
  }
}

export type Settings = ReturnType<typeof createSettings>
