import { describe, expect, test } from '@jest/globals'
import { type ClientSession, Long, type MongoServerError } from 'mongodb'
import { failure, type Item, useServer } from './server.ts'

const server = useServer()
let made = 0
const fresh = async () => {
  const collection = server.db.collection<Item>(`tx_${++made}`)
  await collection.insertMany([
    { _id: 1, n: 10 },
    { _id: 2, n: 20 },
  ])
  return collection
}
const inSession = async (work: (session: ClientSession) => Promise<void>) => {
  const session = server.client.startSession()
  try {
    await work(session)
  } finally {
    await session.endSession()
  }
}

describe('transactions', () => {
  test('what a transaction writes is seen by itself at once and by others after the commit', async () => {
    const collection = await fresh()
    const other = await fresh()
    await inSession(async session => {
      session.startTransaction()
      await collection.updateOne({ _id: 1 }, { $inc: { n: 5 } }, { session })
      await collection.insertOne({ _id: 3, n: 30 }, { session })
      await other.deleteOne({ _id: 2 }, { session })
      expect(await collection.find({}, { session, sort: { _id: 1 } }).toArray()).toEqual([
        { _id: 1, n: 15 },
        { _id: 2, n: 20 },
        { _id: 3, n: 30 },
      ])
      expect(await collection.countDocuments({ n: { $gt: 12 } }, { session })).toBe(3)
      expect(await collection.countDocuments()).toBe(2)
      await session.commitTransaction()
    })
    expect(await collection.find({}, { sort: { _id: 1 } }).toArray()).toEqual([
      { _id: 1, n: 15 },
      { _id: 2, n: 20 },
      { _id: 3, n: 30 },
    ])
    expect(await other.countDocuments()).toBe(1)
  })

  test('an aborted transaction leaves nothing, not even a new collection', async () => {
    const collection = await fresh()
    await inSession(async session => {
      session.startTransaction()
      await collection.deleteMany({}, { session })
      await server.db.collection('born').insertOne({ a: 1 }, { session })
      await session.abortTransaction()
    })
    expect(await collection.countDocuments()).toBe(2)
    expect((await server.db.listCollections({ name: 'born' }).toArray()).length).toBe(0)
  })

  test('a transaction reads one moment of the data', async () => {
    const collection = await fresh()
    await inSession(async session => {
      session.startTransaction()
      expect(await collection.countDocuments({}, { session })).toBe(2)
      await collection.insertOne({ _id: 9, n: 0 })
      await collection.updateOne({ _id: 2 }, { $set: { n: 99 } })
      expect(await collection.find({}, { session, sort: { _id: 1 } }).toArray()).toEqual([
        { _id: 1, n: 10 },
        { _id: 2, n: 20 },
      ])
      await session.commitTransaction()
    })
  })

  test('of two writers of one document the second gets a write conflict that asks for a retry', async () => {
    const collection = await fresh()
    await inSession(async first => {
      await inSession(async second => {
        first.startTransaction()
        second.startTransaction()
        await collection.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session: first })
        const error = (await failure(
          collection.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session: second }),
        )) as unknown as MongoServerError
        expect(error.code).toBe(112)
        expect(error.hasErrorLabel('TransientTransactionError')).toBe(true)
        await first.commitTransaction()
      })
    })
    expect((await collection.findOne({ _id: 1 }))?.n).toBe(11)
  })

  test('a document changed after the snapshot cannot be overwritten', async () => {
    const collection = await fresh()
    await inSession(async session => {
      session.startTransaction()
      await collection.findOne({ _id: 1 }, { session })
      await collection.updateOne({ _id: 1 }, { $set: { n: 77 } })
      expect((await failure(collection.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session }))).code).toBe(112)
    })
    expect((await collection.findOne({ _id: 1 }))?.n).toBe(77)
  })

  test('a plain write waits for the transaction that holds its document', async () => {
    const collection = await fresh()
    await inSession(async session => {
      session.startTransaction()
      await collection.updateOne({ _id: 1 }, { $set: { n: 1 } }, { session })
      const waiting = collection.updateOne({ _id: 1 }, { $inc: { n: 5 } })
      await collection.findOne({ _id: 2 }, { session })
      await session.commitTransaction()
      await waiting
    })
    expect((await collection.findOne({ _id: 1 }))?.n).toBe(6)
  })

  test('a unique key is held by the transaction that takes it', async () => {
    const collection = await fresh()
    await collection.createIndex({ n: 1 }, { unique: true })
    await inSession(async session => {
      session.startTransaction()
      await collection.insertOne({ _id: 3, n: 30 }, { session })
      const waiting = failure(collection.insertOne({ _id: 4, n: 30 }))
      await session.commitTransaction()
      expect((await waiting).code).toBe(11000)
      session.startTransaction()
      await collection.deleteOne({ _id: 3 }, { session })
      await collection.insertOne({ _id: 5, n: 30 }, { session })
      expect((await failure(collection.insertOne({ _id: 6, n: 20 }, { session }))).code).toBe(11000)
    })
    expect(await collection.find({ n: 30 }).toArray()).toEqual([{ _id: 3, n: 30 }])
  })

  test('rivals with withTransaction all succeed in the end, and none is lost', async () => {
    const collection = await fresh()
    await Promise.all(
      Array.from({ length: 12 }, () =>
        inSession(async session => {
          await session.withTransaction(async () => {
            const doc = await collection.findOne({ _id: 1 }, { session })
            await collection.updateOne({ _id: 1 }, { $set: { n: doc?.n + 1 } }, { session })
            await collection.updateOne({ _id: 2 }, { $inc: { n: -1 } }, { session })
          })
        }),
      ),
    )
    expect(await collection.find({}, { sort: { _id: 1 } }).toArray()).toEqual([
      { _id: 1, n: 22 },
      { _id: 2, n: 8 },
    ])
  })

  test('a cursor does not outlive its transaction', async () => {
    const collection = await fresh()
    await collection.insertMany(Array.from({ length: 500 }, (_, n) => ({ _id: n + 10 })))
    await inSession(async session => {
      session.startTransaction()
      const cursor = collection.find({}, { session, batchSize: 2 })
      await cursor.next()
      const id = cursor.id
      await session.abortTransaction()
      const error = await failure(server.db.command({ getMore: id as never, collection: collection.collectionName }))
      expect(error.message).toMatch(/transaction|cursor/i)
      await cursor.close()
    })
    expect(await collection.countDocuments()).toBe(502)
  })

  test('an error in a transaction ends it', async () => {
    const collection = await fresh()
    await inSession(async session => {
      session.startTransaction()
      await collection.insertOne({ _id: 7, n: 1 }, { session })
      await failure(collection.insertOne({ _id: 1, n: 1 }, { session }))
      expect((await failure(collection.insertOne({ _id: 8, n: 1 }, { session }))).code).toBe(251)
    })
    expect(await collection.countDocuments()).toBe(2)
  })
})

describe('retryable writes', () => {
  test('the same number is answered again and not done again', async () => {
    const collection = await fresh()
    // Numbered by hand, above what the driver's pooled session has used.
    const command = { update: collection.collectionName, updates: [{ q: { _id: 1 }, u: { $inc: { n: 1 } } }] }
    await inSession(async session => {
      const send = (txnNumber: number) => server.db.command({ ...command, txnNumber: Long.fromNumber(txnNumber) }, { session })
      expect(await send(1_000_001)).toMatchObject({ n: 1, nModified: 1 })
      expect(await send(1_000_001)).toMatchObject({ n: 1, nModified: 1 })
      expect((await collection.findOne({ _id: 1 }))?.n).toBe(11)
      await send(1_000_002)
    })
    expect((await collection.findOne({ _id: 1 }))?.n).toBe(12)
  })
})
