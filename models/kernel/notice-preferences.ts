import { type Connection, Schema } from 'mongoose'
import { modelOn, plainSchema } from './mongo.ts'

/** A daily stretch of local time, `HH:MM` each; it may pass midnight. */
export interface QuietHours {
  from: string
  to: string
}

interface NoticePreferenceDoc {
  /** Person. */
  _id: string
  /** `null`: none for this person. */
  quiet: QuietHours | null
}

const schema = new Schema<NoticePreferenceDoc>(
  {
    _id: { type: String, required: true },
    quiet: { type: new Schema<QuietHours>({ from: String, to: String }, { _id: false }), default: null },
  },
  plainSchema,
)

/** What people chose about their own notices; no row: the company's. */
export function createNoticePreferences(connection: Connection) {
  const model = modelOn<NoticePreferenceDoc>(connection, 'NoticePreference', schema, 'notice_preferences')
  return {
    model,
    /** undefined: the person chose nothing. */
    async quietOf(personId: string): Promise<QuietHours | null | undefined> {
      return (await model.findById(personId).lean<NoticePreferenceDoc>())?.quiet
    },
    async setQuiet(personId: string, quiet: QuietHours | null): Promise<void> {
      await model.updateOne({ _id: personId }, { $set: { quiet } }, { upsert: true })
    },
    /** Back to the company's hours. */
    async forgetQuiet(personId: string): Promise<void> {
      await model.deleteOne({ _id: personId })
    },
  }
}

export type NoticePreferences = ReturnType<typeof createNoticePreferences>
