import type { AnyBulkWriteOperation, Document, ReplaceOneModel, UpdateOneModel } from 'mongodb'
import type { Model } from 'mongoose'
import { createGathering, type Settled } from './gathering.ts'
import { createGroupCommit, existingById, outcomesOf } from './group-commit.ts'
import { isDuplicateKey, QUERY_LIMIT_MS } from './mongo.ts'

type Row = { _id: string } & Document
type Statement = AnyBulkWriteOperation<Row>
type Upsert = { replaceOne: ReplaceOneModel<Row> & { upsert: true } } | { updateOne: UpdateOneModel<Row> & { upsert: true } }

const UNORDERED = { ordered: false, ignoreUndefined: true, maxTimeMS: QUERY_LIMIT_MS } as const

/**
 * Repeatable statements of many callers in one durable `bulkWrite` per collection. They may go out with any others and in any order.
 *
 * @returns resolves when the statement is durable. After a lost answer nobody knows: do it again.
 */
export function createGroupWrite<Doc extends { _id: string }>(model: Model<Doc>) {
  const done: Settled<void> = { ok: true, value: undefined }
  const write = createGathering<Statement, void>({
    async fly(batch) {
      try {
        await model.collection.bulkWrite([...batch] as never[], UNORDERED)
        return batch.map(() => done)
      } catch (error) {
        const outcomes = outcomesOf(error, batch.length)
        if (!outcomes) throw error
        return outcomes
      }
    },
  })

  return {
    write,

    /**
     * An upsert whose filter names a row by its id and leaves it out when it carries a later revision: of two such the later one stays,
     * whichever comes first. One that comes late finds nothing to change and meets the row when it tries to insert it.
     */
    async writeLater(upsert: Upsert): Promise<void> {
      const { filter } = 'replaceOne' in upsert ? upsert.replaceOne : upsert.updateOne
      // Whichever unique index was met first: what counts is whether the row itself was in the way.
      const isLate = () => model.exists({ _id: filter._id, $nor: [filter] } as never)
      const duplicate = await write(upsert).then(
        () => null,
        (error: unknown) => {
          if (!isDuplicateKey(error)) throw error
          return error
        },
      )
      if (!duplicate || (await isLate())) return
      // An earlier one was inserted between our look and our insert; now it is there to be replaced.
      await write(upsert).catch(async (error: unknown) => {
        if (!isDuplicateKey(error) || !(await isLate())) throw error
      })
    },
  }
}

/** Inserts of many callers in one durable `insertMany`; what is there already stays as it is. */
export function createGroupEnsure<Doc extends { _id: string }>(model: Model<Doc>) {
  const insert = createGroupCommit<Doc>({
    insertMany: documents => model.collection.insertMany(documents as never[], UNORDERED),
    existing: documents => existingById(model, documents),
  })
  return async (documents: readonly Doc[]): Promise<void> => {
    await Promise.all(
      documents.map(document =>
        insert(document).catch(error => {
          if (!isDuplicateKey(error, '_id')) throw error
        }),
      ),
    )
  }
}
