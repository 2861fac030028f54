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

/** One reservation takes at most this part of a limit: what processes reserve and do not use must not be missed. */
const PART = 50

/** Places under one limit, for a stretch of time. */
export interface QuotaPlaces {
  /** What is counted, and for which stretch, e.g. `wecom:corp:app:day:1795276800000`. */
  key: string
  limit: number
  /** How many a process reserves at once, at most. */
  places: number
  now: number
  /** When the stretch is over. */
  endsAt: number
}

/** A row stays so long after its stretch, for clocks that are behind. */
const KEEP_MS = 3_600_000

/**
 * Limits of a whole app (calls a minute, messages a day). A process reserves places by the dozen, so that the row is no hot document; what it
 * does not use is lost for that stretch, and a limit is never exceeded.
 */
export function createQuotas(connection: Connection) {
  const model = modelOn<QuotaDoc>(connection, 'Quota', schema, 'quotas')
  const reserved = new Map<string, { left: number; endsAt: number }>()

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

    /** Take one place. False: the limit is reached. */
    async take({ key, limit, places, now, endsAt }: QuotaPlaces): Promise<boolean> {
      for (const [name, old] of reserved) if (old.endsAt <= now) reserved.delete(name)
      // Who may go up to a lower limit does not use up what was reserved for those who may go further.
      const mine = `${key} ${limit}`
      const held = reserved.get(mine)
      if (held && held.left > 0) {
        held.left -= 1
        return true
      }
      const some = Math.min(places, Math.ceil(limit / PART))
      const got = await reserve(key, limit, some, new Date(endsAt + KEEP_MS))
      // Others of this process may have reserved as well meanwhile.
      if (got > 0) reserved.set(mine, { left: (reserved.get(mine)?.left ?? 0) + got - 1, endsAt })
      return got > 0
    },

    async used(key: string): Promise<number> {
      return (await model.findById(key).lean<QuotaDoc>())?.used ?? 0
    },
  }
}

export type Quotas = ReturnType<typeof createQuotas>
