import { describe, expect, test } from '@jest/globals'
import { BSONRegExp, type Document } from 'mongodb'
import { failure, type Item, nested, useServer } from './server.ts'

const server = useServer()
let made = 0
const fresh = () => server.db.collection<Item>(`limits_${++made}`)
const mebibyte = 1024 * 1024

describe('sizes', () => {
  test('a document of just under 16 MiB is stored, found and changed; a larger one is refused and the old one stays', async () => {
    const collection = fresh()
    const big = { _id: 1, a: 'x'.repeat(8 * mebibyte), b: 'y'.repeat(8 * mebibyte - 100), n: 0 }
    await collection.insertOne(big)
    expect((await collection.updateOne({ _id: 1 }, { $inc: { n: 1 } })).modifiedCount).toBe(1)
    const error = await failure(collection.updateOne({ _id: 1 }, { $set: { c: 'z'.repeat(200) } }))
    expect([10334, 17419]).toContain(error.code)
    const stored = await collection.findOne({ _id: 1 })
    expect([stored?.n, stored?.a.length, stored?.b.length, stored?.c]).toEqual([1, big.a.length, big.b.length, undefined])
  })

  test('batches end before they outgrow a message', async () => {
    const collection = fresh()
    for (let n = 0; n < 5; n++) await collection.insertOne({ n, text: 'x'.repeat(6 * mebibyte) })
    const lengths = (await collection.find({}, { sort: { n: 1 } }).toArray()).map(doc => doc.text.length)
    expect(lengths).toEqual(Array.from({ length: 5 }, () => 6 * mebibyte))
  })

  test('a hundred levels are stored and searched, more are refused', async () => {
    const collection = fresh()
    await collection.insertOne({ _id: 1, d: nested(99) })
    const path = `d.${'d.'.repeat(98)}end`
    expect(await collection.countDocuments({ [path]: 1 })).toBe(1)
    await collection.createIndex({ [path]: 1 })
    expect((await collection.findOne({ [path]: 1 }))?._id).toBe(1)
    expect((await failure(collection.insertOne({ d: nested(150) }))).code).toBe(15)
    const hostile = (await server.connect()).db(server.db.databaseName).collection(collection.collectionName)
    expect((await failure(hostile.findOne(nestedAnd(400)))).code).toEqual(expect.anything())
    expect(await collection.countDocuments()).toBe(1)
  })

  test.each([false, true])('an $in of thousands of values finds them all, each once (indexed: %s)', async indexed => {
    const collection = fresh()
    await collection.insertMany(Array.from({ length: 3000 }, (_, n) => ({ _id: n, n, tags: [n, n + 1] })))
    if (indexed) for (const path of ['n', 'tags']) await collection.createIndex({ [path]: 1 })
    const wanted = Array.from({ length: 5000 }, (_, n) => n * 2)
    expect(await collection.countDocuments({ n: { $in: wanted } })).toBe(1500)
    expect(await collection.countDocuments({ tags: { $in: wanted } })).toBe(3000)
    expect(await collection.countDocuments({ n: { $nin: wanted } })).toBe(1500)
  })
})

function nestedAnd(levels: number): Document {
  let filter: Document = { a: 1 }
  for (let level = 0; level < levels; level++) filter = { $and: [filter] }
  return filter
}

describe('long keys', () => {
  const key = (end: string) => `${'键'.repeat(700)}${end}`

  test('texts that differ only at their end are different keys', async () => {
    const collection = fresh()
    await collection.createIndex({ k: 1 }, { unique: true })
    await collection.insertMany(['b', 'a', 'c'].map(end => ({ _id: end, k: key(end) })))
    expect((await failure(collection.insertOne({ k: key('a') }))).code).toBe(11000)
    expect((await collection.findOne({ k: key('c') }))?._id).toBe('c')
    expect((await collection.find({}, { sort: { k: 1 } }).toArray()).map(doc => doc._id)).toEqual(['a', 'b', 'c'])
    expect((await collection.find({ k: { $gt: key('a') } }, { sort: { k: -1 } }).toArray()).map(doc => doc._id)).toEqual([
      'c',
      'b',
    ])
    await collection.updateOne({ _id: 'a' }, { $set: { k: key('d') } })
    await collection.insertOne({ _id: 'new', k: key('a') })
    expect(await collection.countDocuments({ k: { $in: [key('a'), key('d')] } })).toBe(2)
  })

  test('long ids, long field names and long compound keys work', async () => {
    const collection = fresh()
    const name = 'n'.repeat(2000)
    await collection.createIndex({ a: 1, [name]: -1 }, { name: 'long' })
    await collection.insertMany([
      { _id: key('1'), a: key('x'), [name]: 1 },
      { _id: key('2'), a: key('x'), [name]: 2 },
    ])
    expect((await failure(collection.insertOne({ _id: key('2') }))).code).toBe(11000)
    expect((await collection.find({ a: key('x') }, { sort: { [name]: -1 } }).toArray()).map(doc => doc[name])).toEqual([2, 1])
    expect((await collection.deleteOne({ _id: key('1') })).deletedCount).toBe(1)
  })
})

describe('time', () => {
  test('a regular expression that would never end is stopped, and the server answers others meanwhile', async () => {
    const collection = fresh()
    await collection.insertMany(Array.from({ length: 50 }, (_, n) => ({ _id: n, s: `${'a'.repeat(40)}!` })))
    const search = failure(collection.find({ s: new BSONRegExp('^(a+)+$') } as never, { maxTimeMS: 3000 }).toArray())
    expect((await server.db.command({ ping: 1 })).ok).toBe(1)
    const error = await search
    expect([51075, 50, 51091]).toContain(error.code)
    expect(error.message).toMatch(/regular expression|time limit/i)
    expect(await collection.countDocuments()).toBe(50)
  }, 15_000)

  test('so it is in an expression', async () => {
    const collection = fresh()
    await collection.insertOne({ s: `${'a'.repeat(40)}!` })
    for (const name of ['$regexMatch', '$regexFind', '$regexFindAll']) {
      const bomb = { [name]: { input: '$s', regex: '^(a+)+$' } }
      expect([51075, 51156, 50]).toContain((await failure(collection.aggregate([{ $project: { found: bomb } }]).toArray())).code)
    }
    expect((await server.db.command({ ping: 1 })).ok).toBe(1)
  }, 15_000)

  test('the time of a search counts for all its batches', async () => {
    const collection = fresh()
    await collection.insertMany(Array.from({ length: 3000 }, (_, n) => ({ _id: n, s: 'x'.repeat(3000) })))
    const none = Array.from({ length: 10 }, (_, n) => ({ s: { $regex: `q${n}` } }))
    const cursor = collection.find({ $nor: none }, { maxTimeMS: 10, batchSize: 10 })
    const read = async () => {
      while (await cursor.next());
    }
    expect((await failure(read())).code).toBe(50)
    await cursor.close()
  }, 20_000)

  test('a pattern of many thousand characters is refused', async () => {
    expect((await failure(fresh().findOne({ s: new BSONRegExp('a'.repeat(40_000)) } as never))).code).toBe(51075)
  })

  test('maxTimeMS ends a search and a write, and the write changes nothing', async () => {
    const collection = fresh()
    await collection.insertMany(Array.from({ length: 60_000 }, (_, n) => ({ _id: n, n: 0, s: `${n} ${'x'.repeat(30)}` })))
    const slow = { s: { $regex: 'y', $not: /z/ }, $or: Array.from({ length: 30 }, (_, n) => ({ s: { $regex: `q${n}` } })) }
    expect((await failure(collection.find(slow, { maxTimeMS: 20 }).toArray())).code).toBe(50)
    expect((await failure(collection.updateMany({ $nor: slow.$or }, { $inc: { n: 1 } }, { maxTimeMS: 20 }))).code).toBe(50)
    expect(await collection.countDocuments({ n: { $ne: 0 } })).toBe(0)
  }, 20_000)

  test('a write that waits for a transaction gives up when its time is over', async () => {
    const collection = fresh()
    await collection.insertOne({ _id: 1, n: 0 })
    const session = server.client.startSession()
    session.startTransaction()
    await collection.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session })
    const startMs = Date.now()
    expect((await failure(collection.updateOne({ _id: 1 }, { $inc: { n: 10 } }, { maxTimeMS: 100 }))).code).toBe(50)
    expect(Date.now() - startMs).toBeLessThan(5000)
    await session.commitTransaction()
    await session.endSession()
    expect(await collection.findOne()).toEqual({ _id: 1, n: 1 })
  })
})
