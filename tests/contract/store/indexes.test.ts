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

  test('behind an equality on an array it gives the order of the fields that follow, not that of the array', async () => {
    const collection = fresh()
    await collection.createIndex({ tags: 1, n: -1 })
    await collection.insertMany([
      { _id: 1, tags: ['a', 'z', 'a'], n: 1 },
      { _id: 2, tags: ['a'], n: 3 },
      { _id: 3, tags: ['a', '0'], n: 2 },
      { _id: 4, tags: ['z'], n: 9 },
    ])
    const ids = async (sort: Document) => (await collection.find({ tags: 'a' }, { sort }).toArray()).map(({ _id }) => _id)
    expect(await ids({ n: -1 })).toEqual([2, 3, 1])
    expect(await ids({ n: 1 })).toEqual([1, 3, 2])
    // An array is sorted by its smallest element upwards, by its largest downwards.
    expect(await ids({ tags: 1, n: -1 })).toEqual([3, 2, 1])
    expect(await ids({ tags: -1, n: 1 })).toEqual([1, 3, 2])
    const plan = JSON.stringify(await collection.find({ tags: 'a' }, { sort: { n: -1 } }).explain('queryPlanner'))
    expect(plan).not.toContain('"SORT"')
  })

  test('a field with arrays in it gives no order where only a part of it is looked at', async () => {
    const collection = fresh()
    await collection.createIndex({ owner: 1, tags: 1 })
    await collection.insertMany([
      { _id: 1, owner: 'o', tags: ['b', 'x'] },
      { _id: 2, owner: 'o', tags: ['c'] },
      { _id: 3, owner: 'o', tags: ['a', 'y'] },
    ])
    // Sorted by the smallest element of the whole array, also by one that the filter leaves out.
    const found = await collection.find({ owner: 'o', tags: { $gte: 'c' } }, { sort: { tags: 1 } }).toArray()
    expect(found.map(({ _id }) => _id)).toEqual([3, 1, 2])
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
