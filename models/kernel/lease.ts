import type { Model } from 'mongoose'
import { QUERY_LIMIT_MS } from './mongo.ts'

/**
 * What a row needs so that one worker at a time has it. Leases run in the database's time, whatever the clocks of the processes say;
 * each claim raises the fence, and a write under an older fence does nothing.
 */
export interface Leased {
  leaseBy: string | null
  leaseUntil: Date
  fence: number
}

/** The right to work on one row, as it was claimed. */
export interface Lease {
  id: string
  by: string
  fence: number
}

/** The schema lines of {@link Leased}. */
export const leaseFields = {
  leaseBy: { type: String, default: null },
  leaseUntil: { type: Date, required: true },
  fence: { type: Number, required: true },
} as const

/** A new row, which nobody has claimed yet. */
export const unleased = (): Leased => ({ leaseBy: null, leaseUntil: new Date(0), fence: 0 })

/** The lease of a row that was just claimed. */
export const leaseOf = (row: Leased & { _id: string }): Lease => ({ id: row._id, by: row.leaseBy ?? '', fence: row.fence })

export interface ClaimOptions<Doc> {
  /** Which rows may be taken, beside that nobody holds them; choose it so that an index bounds it. */
  filter: Record<string, unknown>
  by: string
  /** Milliseconds of the database's time. */
  leaseMs: number
  sort?: Record<string, 1 | -1>
  /** Fields that the claim itself sets. */
  set?: Partial<Doc>
}

/** Claims and fenced writes over the rows of one collection. */
export function createLeases<Doc extends Leased & { _id: string }>(model: Model<Doc>) {
  const rows = () => model.collection
  const held = ({ id, by, fence }: Lease) => ({ _id: id as never, leaseBy: by, fence })
  const literals = (set: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(set).flatMap(([field, value]) => (value === undefined ? [] : [[field, { $literal: value }]])),
    )
  const until = (leaseMs: number) => ({ $add: ['$$NOW', leaseMs] })

  return {
    /** Take the first free row, or null. One row is never held by two, also when a clock is off. */
    async claim({ filter, by, leaseMs, sort, set = {} }: ClaimOptions<Doc>): Promise<Doc | null> {
      const row = await rows().findOneAndUpdate(
        { ...filter, $expr: { $lte: ['$leaseUntil', '$$NOW'] } } as never,
        [
          {
            $set: {
              ...literals(set),
              leaseBy: { $literal: by },
              leaseUntil: until(leaseMs),
              fence: { $add: ['$fence', 1] },
            },
          },
        ],
        { ...(sort && { sort }), returnDocument: 'after', maxTimeMS: QUERY_LIMIT_MS },
      )
      return row as Doc | null
    },

    /**
     * Have it for `leaseMs` from now. False when the lease ran out, even if nobody took the row yet: ask right before a deed that
     * cannot be undone, and leave it undone then.
     */
    async renew(lease: Lease, leaseMs: number): Promise<boolean> {
      const { matchedCount } = await rows().updateOne(
        { ...held(lease), $expr: { $gt: ['$leaseUntil', '$$NOW'] } } as never,
        [{ $set: { leaseUntil: until(leaseMs) } }],
        { maxTimeMS: QUERY_LIMIT_MS },
      )
      return matchedCount === 1
    },

    /**
     * Write under the fence and keep the lease. False when somebody else has claimed the row since: nothing was written.
     *
     * @param computed fields by an expression over the row as it is then
     */
    async write(
      lease: Lease,
      set: Partial<Doc>,
      unset: readonly (keyof Doc & string)[] = [],
      computed: Partial<Record<keyof Doc & string, unknown>> = {},
    ): Promise<boolean> {
      const change = { $set: { ...literals(set), ...computed } }
      const { matchedCount } = await rows().updateOne(
        held(lease) as never,
        unset.length > 0 ? [change, { $unset: [...unset] }] : [change],
        { maxTimeMS: QUERY_LIMIT_MS },
      )
      return matchedCount === 1
    },

    /** The last write of this claim: the row is free again. False, and nothing written, when the lease went to somebody else. */
    async finish(
      lease: Lease,
      set: Partial<Doc>,
      unset: readonly (keyof Doc & string)[] = [],
      computed: Partial<Record<keyof Doc & string, unknown>> = {},
    ): Promise<boolean> {
      return this.write(lease, { ...set, leaseBy: null, leaseUntil: new Date(0) } as Partial<Doc>, unset, computed)
    },
  }
}

export type Leases<Doc extends Leased & { _id: string }> = ReturnType<typeof createLeases<Doc>>
