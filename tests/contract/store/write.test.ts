import { describe, expect, test } from '@jest/globals'
import { Decimal128, type Document, GridFSBucket, Long, type ObjectId } from 'mongodb'
import { failure, type Item, useServer } from './server.ts'

const server = useServer()
let made = 0
const fresh = () => server.db.collection<Item>(`write_${++made}`)

describe('update operators', () => {
  const start = {
    _id: 1,
    n: 5,
    list: [1, 2, 3, 2],
    items: [
      { k: 'a', q: 1 },
      { k: 'b', q: 2 },
    ],
    o: { p: 1 },
  }
  const cases: [string, Document, Document, Document?][] = [
    ['$set makes missing parents', { $set: { 'x.y': 1 } }, { x: { y: 1 } }],
    ['$set by position pads an array', { $set: { 'list.5': 9 } }, { list: [1, 2, 3, 2, null, 9] }],
    ['$unset leaves a hole in an array', { $unset: { 'list.1': 1 } }, { list: [1, null, 3, 2] }],
    ['$inc and $mul', { $inc: { n: 2, fresh: 3 }, $mul: { 'o.p': 4 } }, { n: 7, fresh: 3, o: { p: 4 } }],
    ['$min keeps the smaller', { $min: { n: 3, 'o.p': 3 } }, { n: 3 }],
    ['$max keeps the larger', { $max: { n: 9, 'o.p': 0 } }, { n: 9 }],
    ['$rename', { $rename: { n: 'o.m' } }, { n: undefined, o: { p: 1, m: 5 } }],
    ['$push one', { $push: { list: 7 } }, { list: [1, 2, 3, 2, 7] }],
    ['$push with $each, $sort and $slice', { $push: { list: { $each: [0, 9], $sort: -1, $slice: 3 } } }, { list: [9, 3, 2] }],
    ['$push with $position', { $push: { list: { $each: [8], $position: 1 } } }, { list: [1, 8, 2, 3, 2] }],
    ['$addToSet adds what is not there', { $addToSet: { list: { $each: [2, 4, 4] } } }, { list: [1, 2, 3, 2, 4] }],
    ['$pull by value', { $pull: { list: 2 } }, { list: [1, 3] }],
    ['$pull by condition', { $pull: { list: { $gte: 2 } } }, { list: [1] }],
    ['$pull documents', { $pull: { items: { q: { $gt: 1 } } } }, { items: [{ k: 'a', q: 1 }] }],
    ['$pullAll', { $pullAll: { list: [1, 2] } }, { list: [3] }],
    ['$pop', { $pop: { list: -1 } }, { list: [2, 3, 2] }],
    ['$bit', { $bit: { n: { or: 2 } } }, { n: 7 }],
    [
      '$[] reaches every element',
      { $inc: { 'items.$[].q': 10 } },
      {
        items: [
          { k: 'a', q: 11 },
          { k: 'b', q: 12 },
        ],
      },
    ],
    [
      '$ reaches the matched element',
      { $set: { 'items.$.q': 0 } },
      {
        items: [
          { k: 'a', q: 1 },
          { k: 'b', q: 0 },
        ],
      },
      { 'items.k': 'b' },
    ],
  ]

  test.each(cases)('%s', async (_rule, update, expected, filter = {}) => {
    const collection = fresh()
    await collection.insertOne(structuredClone(start))
    const result = await collection.updateOne({ _id: 1, ...filter }, update)
    expect(result).toMatchObject({ matchedCount: 1, modifiedCount: 1 })
    const expectedDoc: Document = { ...start, ...expected }
    for (const name of Object.keys(expectedDoc)) if (expectedDoc[name] === undefined) delete expectedDoc[name]
    expect(await collection.findOne({ _id: 1 })).toEqual(expectedDoc)
  })

  test('array filters choose elements before anything changes', async () => {
    const collection = fresh()
    await collection.insertOne(structuredClone(start))
    await collection.updateOne(
      { _id: 1 },
      { $set: { 'items.$[low].q': 9 }, $inc: { 'items.$[high].z': 1 } },
      { arrayFilters: [{ 'low.q': { $lt: 2 } }, { 'high.q': { $gte: 2 } }] },
    )
    expect((await collection.findOne({ _id: 1 }))?.items).toEqual([
      { k: 'a', q: 9 },
      { k: 'b', q: 2, z: 1 },
    ])
  })

  test('an update that changes nothing is matched but not modified', async () => {
    const collection = fresh()
    await collection.insertOne({ _id: 1, n: 5 })
    expect(await collection.updateOne({ _id: 1 }, { $set: { n: 5 }, $pullAll: { none: [1] } } as Document)).toMatchObject({
      matchedCount: 1,
      modifiedCount: 0,
    })
  })

  test('numbers keep their kind: int64 stays exact, decimals add exactly', async () => {
    const collection = fresh()
    await collection.insertOne({ _id: 1, l: Long.fromString('9007199254740993'), d: Decimal128.fromString('0.1'), i: 2147483647 })
    await collection.updateOne({ _id: 1 }, { $inc: { l: 1, d: Decimal128.fromString('0.2'), i: 1 } })
    const doc = await collection.findOne({ _id: 1 }, { promoteLongs: false })
    expect(doc?.l).toEqual(Long.fromString('9007199254740994'))
    expect(String(doc?.d)).toBe('0.3')
    expect(doc?.i).toEqual(Long.fromNumber(2147483648))
  })

  test('an update may be a pipeline', async () => {
    const collection = fresh()
    await collection.insertOne({ _id: 1, a: 2, b: 3 })
    await collection.updateOne({ _id: 1 }, [{ $set: { sum: { $add: ['$a', '$b'] } } }, { $unset: 'b' }])
    expect(await collection.findOne()).toEqual({ _id: 1, a: 2, sum: 5 })
  })

  test.each([
    ['two operators on one path', { $set: { a: 1 }, $inc: { a: 1 } }, 40],
    ['a change of _id', { $set: { _id: 2 } }, 66],
    ['$inc of a text', { $inc: { s: 1 } }, 14],
    ['$push onto a number', { $push: { n: 1 } }, 2],
    ['a path through a number', { $set: { 'n.x': 1 } }, 28],
    ['an unknown operator', { $frobnicate: { a: 1 } }, 9],
    ['an empty path part', { $set: { 'a..b': 1 } }, 56],
  ])('%s is refused and changes nothing', async (_rule, update, code) => {
    const collection = fresh()
    await collection.insertOne({ _id: 1, n: 1, s: 'x' })
    expect((await failure(collection.updateOne({ _id: 1 }, update as Document))).code).toBe(code)
    expect(await collection.findOne()).toEqual({ _id: 1, n: 1, s: 'x' })
  })
})

describe('upserts and findAndModify', () => {
  test('an upsert starts from the equalities of the filter', async () => {
    const collection = fresh()
    const result = await collection.updateOne(
      { _id: 'k', 'a.b': 1, c: { $gt: 5 }, $and: [{ d: { $eq: 2 } }] },
      { $set: { e: 3 }, $setOnInsert: { f: 4 } },
      { upsert: true },
    )
    expect(result.upsertedId).toBe('k')
    expect(await collection.findOne()).toEqual({ _id: 'k', a: { b: 1 }, d: 2, e: 3, f: 4 })
    await collection.updateOne({ _id: 'k' }, { $setOnInsert: { f: 5 }, $set: { e: 6 } }, { upsert: true })
    expect(await collection.findOne()).toMatchObject({ e: 6, f: 4 })
  })

  test('findOneAndUpdate gives the document before or after, chosen by sort', async () => {
    const collection = fresh()
    await collection.insertMany([
      { _id: 1, n: 3 },
      { _id: 2, n: 1 },
      { _id: 3, n: 2 },
    ])
    expect(await collection.findOneAndUpdate({}, { $inc: { n: 10 } }, { sort: { n: 1 } })).toEqual({ _id: 2, n: 1 })
    expect(await collection.findOneAndUpdate({}, { $inc: { n: 10 } }, { sort: { n: 1 }, returnDocument: 'after' })).toEqual({
      _id: 3,
      n: 12,
    })
    expect(await collection.findOneAndUpdate({ _id: 9 }, { $set: { n: 0 } }, { upsert: true, returnDocument: 'after' })).toEqual({
      _id: 9,
      n: 0,
    })
    expect(await collection.findOneAndDelete({}, { sort: { n: -1 }, projection: { n: 1, _id: 0 } })).toEqual({ n: 12 })
    expect(await collection.findOneAndReplace({ _id: 9 }, { z: 1 }, { returnDocument: 'after' })).toEqual({ _id: 9, z: 1 })
    expect(await collection.findOneAndUpdate({ _id: 99 }, { $set: { n: 0 } })).toBeNull()
  })

  test('of many callers that claim one job at once, each gets another', async () => {
    const collection = fresh()
    await collection.insertMany(Array.from({ length: 30 }, (_, n) => ({ _id: n, state: 'open' })))
    const claims = await Promise.all(
      Array.from({ length: 40 }, () =>
        collection.findOneAndUpdate({ state: 'open' }, { $set: { state: 'taken' } }, { sort: { _id: 1 } }),
      ),
    )
    const taken = claims.filter(doc => doc !== null).map(doc => doc._id)
    expect(taken.length).toBe(30)
    expect(new Set(taken).size).toBe(30)
  })
})

describe('inserts, bulk writes and unique indexes', () => {
  test('an unordered insert stores all but the duplicates and names them', async () => {
    const collection = fresh()
    await collection.createIndex({ mail: 1 }, { unique: true })
    const error = await failure(
      collection.insertMany(
        [
          { _id: 1, mail: 'a' },
          { _id: 1, mail: 'b' },
          { _id: 2, mail: 'a' },
          { _id: 3, mail: 'c' },
        ],
        { ordered: false },
      ),
    )
    expect(error.code).toBe(11000)
    const failed = (error.writeErrors as { index: number; code: number }[]).map(({ index, code }) => [index, code])
    expect(failed).toEqual([
      [1, 11000],
      [2, 11000],
    ])
    const raw = await server.db.command({ insert: collection.collectionName, documents: [{ _id: 9, mail: 'a' }] })
    expect(raw).toMatchObject({
      n: 0,
      writeErrors: [{ index: 0, code: 11000, keyPattern: { mail: 1 }, keyValue: { mail: 'a' } }],
    })
    expect(await collection.countDocuments()).toBe(2)
  })

  test('an ordered insert stops at the first duplicate', async () => {
    const collection = fresh()
    await failure(collection.insertMany([{ _id: 1 }, { _id: 1 }, { _id: 2 }]))
    expect(await collection.countDocuments()).toBe(1)
  })

  test('E11000 has the words that mongoose and others look for', async () => {
    const collection = fresh()
    await collection.createIndex({ a: 1, b: -1 }, { unique: true, name: 'ab' })
    await collection.insertOne({ a: 'x', b: 1 })
    const error = await failure(collection.insertOne({ a: 'x', b: 1 }))
    expect(error.message).toContain(
      `E11000 duplicate key error collection: ${collection.namespace} index: ab dup key: { a: "x", b: 1 }`,
    )
    expect(error).toMatchObject({ code: 11000, keyPattern: { a: 1, b: -1 }, keyValue: { a: 'x', b: 1 } })
  })

  test('texts that differ only far from their beginning are not duplicates', async () => {
    const collection = fresh()
    await collection.createIndex({ text: 1 }, { unique: true })
    const long = 'x'.repeat(5000)
    await collection.insertMany([{ text: `${long}a` }, { text: `${long}b` }])
    expect((await failure(collection.insertOne({ text: `${long}a` }))).code).toBe(11000)
    expect(await collection.countDocuments({ text: `${long}b` })).toBe(1)
    expect(await collection.countDocuments({ text: { $gt: `${long}a` } })).toBe(1)
  })

  test('partial, sparse and multikey unique indexes', async () => {
    const collection = fresh()
    await collection.createIndex({ code: 1 }, { unique: true, partialFilterExpression: { open: true } })
    await collection.createIndex({ phone: 1 }, { unique: true, sparse: true })
    await collection.createIndex({ tags: 1 }, { unique: true, partialFilterExpression: { tags: { $exists: true } } })
    await collection.insertMany([
      { code: 1, open: false },
      { code: 1, open: false },
      { code: 1, open: true },
      { phone: 7, tags: ['a', 'a'] },
    ])
    expect((await failure(collection.insertOne({ code: 1, open: true }))).code).toBe(11000)
    expect((await failure(collection.insertOne({ phone: 7 }))).code).toBe(11000)
    expect((await failure(collection.insertOne({ tags: ['b', 'a'] }))).code).toBe(11000)
    expect((await failure(collection.updateMany({ code: 1 }, { $set: { open: true } }))).code).toBe(11000)
    expect(await collection.countDocuments({ code: 1, open: true })).toBe(1)
  })

  test('a unique index cannot be built over duplicates', async () => {
    const collection = fresh()
    await collection.insertMany([{ a: 1 }, { a: 1 }])
    expect((await failure(collection.createIndex({ a: 1 }, { unique: true }))).code).toBe(11000)
    expect((await collection.indexes()).length).toBe(1)
  })

  test('a bulk write does its parts in order', async () => {
    const collection = fresh()
    const result = await collection.bulkWrite([
      { insertOne: { document: { _id: 1, n: 1 } } },
      { updateOne: { filter: { _id: 1 }, update: { $inc: { n: 1 } } } },
      { updateMany: { filter: { n: 2 }, update: { $set: { m: 1 } } } },
      { replaceOne: { filter: { _id: 2 }, replacement: { n: 9 }, upsert: true } },
      { deleteOne: { filter: { _id: 1 } } },
    ])
    expect(result).toMatchObject({ insertedCount: 1, modifiedCount: 2, upsertedCount: 1, deletedCount: 1 })
    expect(await collection.find().toArray()).toEqual([{ _id: 2, n: 9 }])
  })

  test('many concurrent increments all count', async () => {
    const collection = fresh()
    await collection.insertOne({ _id: 1, n: 0 })
    await Promise.all(Array.from({ length: 200 }, () => collection.updateOne({ _id: 1 }, { $inc: { n: 1 } })))
    expect((await collection.findOne())?.n).toBe(200)
  })

  test('index builds are idempotent and conflicts are refused', async () => {
    const collection = fresh()
    expect(await collection.createIndex({ a: 1 })).toBe('a_1')
    expect(await collection.createIndex({ a: 1 })).toBe('a_1')
    expect((await failure(collection.createIndex({ a: 1 }, { unique: true, name: 'a_1' }))).code).toBe(86)
    expect((await failure(collection.createIndex({ a: 1 }, { name: 'other' }))).code).toBe(85)
    expect((await failure(collection.createIndex({ a: 'text' }))).code).toBe(115)
    await collection.dropIndex('a_1')
    expect((await collection.indexes()).map(index => index.name)).toEqual(['_id_'])
  })

  test('wrong documents are refused', async () => {
    const collection = fresh()
    expect((await failure(collection.insertOne({ _id: [1] }))).code).toBe(53)
    let deep: Document = {}
    for (let level = 0; level < 120; level++) deep = { deep }
    expect((await failure(collection.insertOne({ deep }))).code).toBe(15)
    const documents = [{ _id: 1, s: 'x'.repeat(16 * 1024 * 1024) }]
    expect(await server.db.command({ insert: collection.collectionName, documents })).toMatchObject({
      n: 0,
      writeErrors: [{ code: 10334 }],
    })
    expect(await collection.countDocuments()).toBe(0)
  })

  test('GridFS stores and gives back a file', async () => {
    const bucket = new GridFSBucket(server.db, { chunkSizeBytes: 1000 })
    const content = Buffer.from('客联'.repeat(1000))
    const upload = bucket.openUploadStream('合同.pdf')
    await new Promise<void>((resolve, reject) => upload.on('finish', resolve).on('error', reject).end(content))
    const parts: Buffer[] = []
    for await (const part of bucket.openDownloadStream(upload.id as ObjectId)) parts.push(part as Buffer)
    expect(Buffer.concat(parts).equals(content)).toBe(true)
    await bucket.delete(upload.id)
    expect(await server.db.collection('fs.chunks').countDocuments()).toBe(0)
  })

  test('collections, databases and validators', async () => {
    await server.db.createCollection('checked', { validator: { n: { $gt: 0 } } })
    const checked = server.db.collection('checked')
    expect((await failure(checked.insertOne({ n: -1 }))).code).toBe(121)
    await checked.insertOne({ n: 1 })
    expect((await failure(server.db.createCollection('checked'))).code).toBe(48)
    expect((await failure(server.db.createCollection('capped', { capped: true, size: 100 }))).code).toBe(115)
    await server.db.createCollection('only', { viewOn: 'checked', pipeline: [{ $project: { _id: 0 } }] })
    expect(await server.db.collection('only').find({ n: 1 }).toArray()).toEqual([{ n: 1 }])
    const names = (await server.db.listCollections().toArray()).map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['checked', 'only']))
    expect(await checked.drop()).toBe(true)
  })
})
