import { describe, expect, test } from '@jest/globals'
import type { ClientSession, Document } from 'mongodb'
import { failure, type Item, useServer } from './server.ts'

const server = useServer()
let made = 0
const freshName = () => `rules_${++made}`
const inTransaction = async (work: (session: ClientSession) => Promise<void>) => {
  const session = server.client.startSession()
  session.startTransaction()
  try {
    await work(session)
  } finally {
    if (session.inTransaction()) await session.abortTransaction()
    await session.endSession()
  }
}
const listed = async (name: string) => (await server.db.listCollections({ name }).toArray()).length > 0

describe('what a transaction may do', () => {
  test.each<[string, (name: string) => Document]>([
    ['count', name => ({ count: name })],
    ['drop', name => ({ drop: name })],
    ['listCollections', () => ({ listCollections: 1 })],
    ['collMod', name => ({ collMod: name, validator: {} })],
    ['dropIndexes', name => ({ dropIndexes: name, index: '*' })],
    ['aggregate with $out', name => ({ aggregate: name, pipeline: [{ $out: 'elsewhere' }], cursor: {} })],
    ['aggregate with $merge', name => ({ aggregate: name, pipeline: [{ $merge: { into: 'elsewhere' } }], cursor: {} })],
    ['an index on a collection that is there', name => ({ createIndexes: name, indexes: [{ key: { a: 1 }, name: 'a' }] })],
  ])('%s is refused and does nothing', async (_what, command) => {
    const name = freshName()
    await server.db.collection<Item>(name).insertOne({ _id: 1 })
    await inTransaction(async session => {
      await server.db.collection<Item>(name).updateOne({ _id: 1 }, { $set: { a: 1 } }, { session })
      expect((await failure(server.db.command(command(name), { session }))).code).toBe(263)
    })
    expect(await server.db.collection(name).find().toArray()).toEqual([{ _id: 1 }])
    expect(await listed('elsewhere')).toBe(false)
  })

  test('a write concern belongs to the commit, a read concern to the first command', async () => {
    const name = freshName()
    await server.db.createCollection(name)
    const insert = { insert: name, documents: [{ a: 1 }] }
    await inTransaction(async session => {
      expect((await failure(server.db.command({ ...insert, writeConcern: { w: 1 } }, { session }))).code).toBe(72)
    })
    await inTransaction(async session => {
      await server.db.command(insert, { session })
      expect((await failure(server.db.command({ find: name, readConcern: { level: 'majority' } }, { session }))).code).toBe(72)
    })
    expect(await server.db.collection(name).countDocuments()).toBe(0)
  })

  test('a collection made in a transaction is there for others after the commit, with its indexes', async () => {
    const name = freshName()
    await inTransaction(async session => {
      await server.db.createCollection(name, { session })
      await server.db.collection(name).createIndex({ a: 1 }, { session, unique: true })
      await server.db.collection(name).insertOne({ a: 1 }, { session })
      expect(await listed(name)).toBe(false)
      expect((await failure(server.db.collection(name).indexes())).code).toBe(26)
      await session.commitTransaction()
    })
    expect(await listed(name)).toBe(true)
    expect((await server.db.collection(name).indexes()).map(index => index.name)).toEqual(['_id_', 'a_1'])
    expect((await failure(server.db.collection(name).insertOne({ a: 1 }))).code).toBe(11000)
  })

  test('a client that goes away in a transaction leaves nothing, and whoever waited goes on', async () => {
    const name = freshName()
    await server.db.collection<Item>(name).insertOne({ _id: 1, n: 0 })
    const client = await server.connect({ maxPoolSize: 1 })
    const session = client.startSession()
    session.startTransaction()
    const theirs = client.db(server.db.databaseName).collection<Item>(name)
    await theirs.updateOne({ _id: 1 }, { $set: { n: 100 } }, { session })
    const waiting = server.db.collection<Item>(name).updateOne({ _id: 1 }, { $inc: { n: 1 } })
    await client.close(true)
    await waiting
    expect((await server.db.collection(name).findOne())?.n).toBe(1)
  })
})
