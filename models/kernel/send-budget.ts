import { type Connection, Schema } from 'mongoose'
import { isDuplicateKey, modelOn, plainSchema, QUERY_LIMIT_MS } from './mongo.ts'

/** What one reader was sent lately; one row a reader. */
export interface SendBudgetDoc {
  /** `<platform>:<corp>:<app>:<user id>` */
  _id: string
  /** The last minute's messages, each by its moment. */
  minute: Date[]
  /** Messages by tenth of an hour. */
  hour: { slice: number; count: number }[]
  /** The claim that was granted last. */
  granted?: string
  expiresAt: Date
}

/** At most so many messages in any minute and in any hour. */
export interface SendLimits {
  perMinute: number
  perHour: number
}

/** Clocks of two processes may differ by a second (`/readyz` watches that): the minute is counted a little longer. */
const MINUTE_MS = 62_000
const SLICE_MS = 6 * 60_000
const HOUR_SLICES = 11
const KEEP_MS = 2 * 3_600_000

const schema = new Schema<SendBudgetDoc>(
  {
    _id: { type: String, required: true },
    minute: { type: [Date], required: true },
    hour: { type: [{ _id: false, slice: Number, count: Number }], required: true } as never,
    granted: String,
    expiresAt: { type: Date, required: true, expires: 0 },
  },
  plainSchema,
)

/** Counts messages to each reader in the database, so that all processes together stay below what the platform delivers. */
export function createSendBudget(connection: Connection) {
  const model = modelOn<SendBudgetDoc>(connection, 'SendBudget', schema, 'send_budgets')

  return {
    model,

    /**
     * Take a place for one message, in one atomic update.
     *
     * @param claimId unique for this attempt
     * @param now business time, milliseconds
     * @returns 0 when the message may go now, else milliseconds to wait
     */
    async take(reader: string, claimId: string, limits: SendLimits, now: number): Promise<number> {
      const slice = Math.floor(now / SLICE_MS)
      const recent = {
        $filter: { input: { $ifNull: ['$minute', []] }, cond: { $gt: ['$$this', new Date(now - MINUTE_MS)] } },
      }
      const slices = { $filter: { input: { $ifNull: ['$hour', []] }, cond: { $gt: ['$$this.slice', slice - HOUR_SLICES] } } }
      const counted = {
        $cond: [
          { $in: [slice, '$hour.slice'] },
          {
            $map: {
              input: '$hour',
              in: {
                slice: '$$this.slice',
                count: { $add: ['$$this.count', { $cond: [{ $eq: ['$$this.slice', slice] }, 1, 0] }] },
              },
            },
          },
          { $concatArrays: ['$hour', [{ slice, count: 1 }]] },
        ],
      }
      const pipeline = [
        { $set: { minute: recent, hour: slices, expiresAt: new Date(now + KEEP_MS) } },
        {
          $set: {
            granted: {
              $cond: [
                { $and: [{ $lt: [{ $size: '$minute' }, limits.perMinute] }, { $lt: [{ $sum: '$hour.count' }, limits.perHour] }] },
                { $literal: claimId },
                '$granted',
              ],
            },
          },
        },
        {
          $set: {
            minute: {
              $cond: [{ $eq: ['$granted', { $literal: claimId }] }, { $concatArrays: ['$minute', [new Date(now)]] }, '$minute'],
            },
            hour: {
              $cond: [{ $eq: ['$granted', { $literal: claimId }] }, counted, '$hour'],
            },
          },
        },
      ]
      const row = await upserted(() =>
        model.collection.findOneAndUpdate({ _id: reader as never }, pipeline, {
          upsert: true,
          returnDocument: 'after',
          maxTimeMS: QUERY_LIMIT_MS,
        }),
      )
      const doc = row as unknown as SendBudgetDoc
      if (doc.granted === claimId) return 0
      const minuteFull = doc.minute.length >= limits.perMinute
      const freed = minuteFull ? doc.minute[doc.minute.length - limits.perMinute] : undefined
      const nextSlice = (slice + 1) * SLICE_MS
      return Math.max(1, (freed ? freed.getTime() + MINUTE_MS : nextSlice) - now)
    },
  }
}

/** Two first messages to the same reader may both try to insert the row; the second finds it. */
async function upserted<Result>(write: () => Promise<Result>): Promise<Result> {
  try {
    return await write()
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    return write()
  }
}

export type SendBudget = ReturnType<typeof createSendBudget>
