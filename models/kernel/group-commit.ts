import type { Model } from 'mongoose'
import { createGathering, type Settled } from './gathering.ts'
import { isDuplicateKey } from './mongo.ts'

export interface GroupCommitOptions<Doc> {
  /** One unordered insert; rejects as the driver's `insertMany(…, { ordered: false })` does. */
  insertMany(documents: Doc[]): Promise<unknown>
  /** After a lost answer: which of these documents are there, and not a rival's under the same id? */
  existing(documents: readonly Doc[]): Promise<readonly Doc[]>
  /** Documents per batch. */
  maxBatch?: number
}

interface BulkFailure {
  writeErrors?: readonly { index: number; code: number; err?: unknown; errmsg?: string }[] | { index: number; code: number }
}

const DONE: Settled<void> = { ok: true, value: undefined }

/**
 * The outcome of each statement of an unordered batch, by what the driver threw; null when that does not tell.
 */
export function outcomesOf(error: unknown, count: number): Settled<void>[] | null {
  const raw = (error as BulkFailure).writeErrors
  const failures = raw === undefined ? [] : Array.isArray(raw) ? raw : [raw]
  if (failures.length === 0) return null
  const outcomes = Array.from({ length: count }, () => DONE)
  for (const failure of failures) outcomes[failure.index] = { ok: false, error: duplicateOf(failure.err ?? failure) }
  return outcomes
}

/**
 * Many callers, one durable write (group commit). Each caller still hears of its own duplicate key. After an unknown outcome the batch is
 * read back.
 *
 * @returns resolves when the document is durable; rejects with the driver's duplicate-key error of this document alone
 */
export function createGroupCommit<Doc extends { _id: string }>({ insertMany, existing, maxBatch }: GroupCommitOptions<Doc>) {
  async function settleUnknown(batch: readonly Doc[], error: unknown): Promise<Settled<void>[]> {
    const found = new Set(await existing(batch).catch(() => []))
    return batch.map(document => (found.has(document) ? DONE : { ok: false, error }))
  }

  return createGathering<Doc, void>({
    ...(maxBatch !== undefined && { maxBatch }),
    async fly(batch) {
      try {
        await insertMany([...batch])
        return batch.map(() => DONE)
      } catch (error) {
        return outcomesOf(error, batch.length) ?? settleUnknown(batch, error)
      }
    },
  })
}

/** For documents of which all with the same id are the same. */
export async function existingById<Doc extends { _id: string }>(model: Model<Doc>, documents: readonly Doc[]): Promise<Doc[]> {
  const ids = documents.map(({ _id }) => _id)
  const rows = await model.find({ _id: { $in: ids } as never }, { _id: 1 }).lean<{ _id: string }[]>()
  const found = new Set(rows.map(({ _id }) => _id))
  return documents.filter(({ _id }) => found.has(_id))
}

function duplicateOf(failure: unknown): unknown {
  return isDuplicateKey(failure)
    ? failure
    : Object.assign(new Error('a document of the batch was refused'), { cause: failure, ...(failure as object) })
}
