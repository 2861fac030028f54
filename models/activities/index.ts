import { type Connection, Schema } from 'mongoose'
import { type InSession, modelOn, plainSchema, withSession } from '../kernel/mongo.ts'

/** 跟进: what was said and done with a customer. */
export interface ActivityDoc {
  _id: string
  customerId: string
  kind: string
  text: string
  byId: string
  at: Date
}

const schema = new Schema<ActivityDoc>(
  {
    _id: { type: String, required: true },
    customerId: { type: String, required: true },
    kind: { type: String, required: true },
    text: { type: String, required: true },
    byId: { type: String, required: true },
    at: { type: Date, required: true },
  },
  plainSchema,
)
schema.index({ customerId: 1, at: -1 })

export function createActivities(connection: Connection) {
  const model = modelOn<ActivityDoc>(connection, 'Activity', schema, 'activities')
  return {
    model,
    async insert(activity: ActivityDoc, options?: InSession): Promise<void> {
      await model.insertMany([activity], withSession(options))
    },
  }
}
