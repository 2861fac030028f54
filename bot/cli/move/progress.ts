import type { mongo } from 'mongoose'
import { z } from 'zod'

/** Where the target keeps how far a move has come. */
export const PROGRESS = '_kelian_move'

const row = z.object({
  /** Name of the collection. */
  _id: z.string(),
  /** The source's collection: another one of the same name is another system's. */
  uuid: z.string(),
  documents: z.number().int(),
  state: z.enum(['copying', 'copied']),
})

const ending = z.object({ _id: z.literal('$end'), finishedAt: z.date() })

/** How far one collection has come: `documents` of it are in the target, in the source's order. */
export type Progress = z.output<typeof row>

/** What the target knows of a move. */
export interface Ledger {
  rows: ReadonlyMap<string, Progress>
  finishedAt: Date | null
}

export async function readLedger(target: mongo.Db): Promise<Ledger> {
  const rows = new Map<string, Progress>()
  let finishedAt: Date | null = null
  for (const found of await target.collection(PROGRESS).find({}).toArray()) {
    const end = ending.safeParse(found)
    if (end.success) finishedAt = end.data.finishedAt
    else {
      const progress = row.parse(found)
      rows.set(progress._id, progress)
    }
  }
  return { rows, finishedAt }
}

export async function noteProgress(target: mongo.Db, progress: Progress): Promise<void> {
  await target.collection<Progress>(PROGRESS).replaceOne({ _id: progress._id }, progress, { upsert: true })
}

export async function noteEnd(target: mongo.Db, finishedAt: Date): Promise<void> {
  await target
    .collection<{ _id: string; finishedAt: Date }>(PROGRESS)
    .replaceOne({ _id: '$end' }, { finishedAt }, { upsert: true })
}
