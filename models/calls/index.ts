import { type Connection, Schema } from 'mongoose'
import { modelOn, plainSchema } from '../kernel/mongo.ts'

/** How many metered calls an app has made at its platform in one month, or has reserved for the next moments. */
export interface CallsDoc {
  /** `<platform>:<corp>:<app>:<month>` */
  _id: string
  reserved: number
}

const schema = new Schema<CallsDoc>(
  { _id: { type: String, required: true }, reserved: { type: Number, required: true } },
  plainSchema,
)

export function createCalls(connection: Connection) {
  const model = modelOn<CallsDoc>(connection, 'PlatformCalls', schema, 'platform_calls')
  const add = async (id: string, count: number): Promise<number> => {
    const row = await model
      .findOneAndUpdate({ _id: id }, { $inc: { reserved: count } }, { upsert: true, returnDocument: 'after' })
      .lean<CallsDoc>()
    return row?.reserved ?? count
  }
  return {
    model,
    /** The meter's view of one app. */
    of: (app: { platform: string; corp: string; app: string }) => {
      const id = (month: string) => `${app.platform}:${app.corp}:${app.app}:${month}`
      return {
        reserve: (month: string, count: number) => add(id(month), count),
        async giveBack(month: string, count: number): Promise<void> {
          await add(id(month), -count)
        },
        async total(month: string): Promise<number> {
          return (await model.findById(id(month)).lean<CallsDoc>())?.reserved ?? 0
        },
      }
    },
  }
}
