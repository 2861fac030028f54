import { type Connection, Schema } from 'mongoose'
import { type InSession, isDuplicateKey, modelOn, plainSchema, withSession } from './mongo.ts'

/** A unique thing and who holds it. No counter document: the next number is the one after the last that somebody reserved. */
export interface ReservationDoc {
  _id: string
  series: string
  sequence: number
  holder: string
}

const schema = new Schema<ReservationDoc>(
  {
    _id: { type: String, required: true },
    series: { type: String, required: true },
    sequence: { type: Number, required: true },
    holder: { type: String, required: true },
  },
  plainSchema,
)
schema.index({ series: 1, sequence: -1 })
schema.index({ series: 1, holder: 1 })

export function createReservations(connection: Connection) {
  const model = modelOn<ReservationDoc>(connection, 'Reservation', schema, 'reservations')

  const lines = new Map<string, Promise<unknown>>()
  const lastSeen = new Map<string, number>()

  async function reserve(series: string, holder: string): Promise<string> {
    for (;;) {
      const seen =
        lastSeen.get(series) ?? (await model.findOne({ series }).sort({ sequence: -1 }).lean<ReservationDoc>())?.sequence ?? 0
      const sequence = seen + 1
      const _id = `${series}-${String(sequence).padStart(4, '0')}`
      try {
        await model.insertMany([{ _id, series, sequence, holder }])
        lastSeen.set(series, sequence)
        return _id
      } catch (error) {
        lastSeen.delete(series)
        if (!isDuplicateKey(error)) throw error
      }
    }
  }

  return {
    model,

    /**
     * The next number of a series (`HT-2026` → `HT-2026-0041`). The same holder gets the same number again, so that a repeated
     * command does not take two.
     */
    async nextNumber(series: string, holder: string): Promise<string> {
      const held = await model.findOne({ series, holder }).lean<ReservationDoc>()
      if (held) return held._id
      // Callers of one process stand in line; only another process can take a number in between.
      const mine = (lines.get(series) ?? Promise.resolve()).then(() => reserve(series, holder))
      lines.set(
        series,
        mine.catch(() => undefined),
      )
      return mine
    },

    /**
     * Make transactions that claim the same thing meet: the second one sees a write conflict and runs again, after the first.
     */
    async meet(key: string, options: InSession): Promise<void> {
      await model.updateOne(
        { _id: key },
        { $set: { series: 'meet', holder: 'meet' }, $inc: { sequence: 1 } },
        { upsert: true, ...withSession(options) },
      )
    },
  }
}
