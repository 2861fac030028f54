import { describe, expect, test } from '@jest/globals'
import type { Document } from 'mongodb'
import { failure, type Item, useServer } from './server.ts'

const server = useServer()
let made = 0
const fresh = () => server.db.collection<Item>(`indexes_${++made}`)

const usesIndex = async (collection: ReturnType<typeof fresh>, filter: Document) =>
  JSON.stringify(await collection.find(filter).explain('queryPlanner')).includes('IXSCAN')

describe('kinds of indexes', () => {
  test('a hidden one is kept up to date and enforced, but no query uses it', async () => {
    const collection = fresh()
    await collection.createIndex({ n: 1 }, { unique: true, hidden: true, name: 'n' })
    await collection.insertMany([1, 2, 3].map(n => ({ _id: n, n })))
    expect(await usesIndex(collection, { n: 2 })).toBe(false)
    expect((await failure(collection.insertOne({ n: 3 }))).code).toBe(11000)
    await server.db.command({ collMod: collection.collectionName, index: { name: 'n', hidden: false } })
    expect(await usesIndex(collection, { n: 2 })).toBe(true)
    expect(await collection.find({ n: { $gt: 1 } }).toArray()).toHaveLength(2)
  })

  test('a hashed one serves equality, and cannot be unique', async () => {
    const collection = fresh()
    await collection.createIndex({ s: 'hashed' })
    await collection.insertMany(['a', 'b', 'b'].map((s, _id) => ({ _id, s })))
    expect(await collection.countDocuments({ s: 'b' })).toBe(2)
    expect(await collection.countDocuments({ s: { $gt: 'a' } })).toBe(2)
    expect([67, 16764]).toContain((await failure(fresh().createIndex({ s: 'hashed' }, { unique: true }))).code)
  })

  test('databases can be dropped with everything in them', async () => {
    const other = server.client.db(`${server.db.databaseName}_other`)
    await other.collection('rows').insertOne({ a: 1 })
    await other.collection('rows').createIndex({ a: 1 })
    expect(await other.dropDatabase()).toBe(true)
    expect(await other.listCollections().toArray()).toEqual([])
    expect(await other.collection('rows').countDocuments()).toBe(0)
  })
})
