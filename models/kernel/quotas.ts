import { type Connection, Schema } from 'mongoose'
import { isDuplicateKey, modelOn, plainSchema, QUERY_LIMIT_MS } from './mongo.ts'

interface QuotaDoc {
  /** What is counted, and for which stretch of time. */
  _id: string
  used: number
  /** `used` before the last reservation. */
  before: number
  expiresAt: Date
}

const schema = new Schema<QuotaDoc>(
  {
    _id: { type: String, required: true },
    used: { type: Number, required: true },
    before: { type: Number, required: true },
    expiresAt: { type: Date, required: true, expires: 0 },
  },
  plainSchema,
)

const MOST_KEYS = 100

/**
 * Limits of a whole app (calls a minute, messages a day). A process reserves places by the dozen, so that the row is no hot document; what it
 * does not use is lost for that stretch, and a limit is never exceeded.
 */
export function createQuotas(connection: Connection) {
  const model = modelOn<QuotaDoc>(connection, 'Quota', schema, 'quotas')
  const reserved = new Map<string, number>()

  async function reserve(key: string, limit: number, places: number, expiresAt: Date): Promise<number> {
    const used = { $ifNull: ['$used', 0] }
    const pipeline = [{ $set: { before: used, used: { $max: [used, { $min: [limit, { $add: [used, places] }] }] }, expiresAt } }]
    const write = () =>
      model.collection.findOneAndUpdate({ _id: key as never }, pipeline, {
        upsert: true,
        returnDocument: 'after',
        maxTimeMS: QUERY_LIMIT_MS,
      })
    const row = (await write().catch(error => {
      if (!isDuplicateKey(error)) throw error
      return write()
    })) as unknown as QuotaDoc
    return row.used - row.before
  }

  return {
    model,

    /**
     * Take one place under `key`, e.g. `wecom:corp:app:2026-11-22`. False: the limit is reached.
     *
     * @param places how many a process reserves at once
     * @param expiresAt when the stretch is over and the row may go
     */
    async take(key: string, limit: number, places: number, expiresAt: Date): Promise<boolean> {
      // Who may go up to a lower limit does not use up what was reserved for those who may go further.
      const mine = `${key} ${limit}`
      const left = reserved.get(mine) ?? 0
      if (left > 0) {
        reserved.set(mine, left - 1)
        return true
      }
      const got = await reserve(key, limit, places, expiresAt)
      if (reserved.size > MOST_KEYS) for (const old of [...reserved.keys()].slice(0, MOST_KEYS / 2)) reserved.delete(old)
      if (got > 0) reserved.set(mine, (reserved.get(mine) ?? 0) + got - 1)
      return got > 0
    },

    async used(key: string): Promise<number> {
      return (await model.findById(key).lean<QuotaDoc>())?.used ?? 0
    },
  }
}

export type Quotas = ReturnType<typeof createQuotas>
