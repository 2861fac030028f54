import { beforeAll, describe, expect, test } from '@jest/globals'
import { type Document, Long, MongoClientBulkWriteError } from 'mongodb'
import { failure, type Item, useServer } from './server.ts'

const server = useServer()
let made = 0
const fresh = () => server.db.collection<Item>(`options_${++made}`)
const codeOf = async (command: Document) => (await failure(server.db.command(command))).code

describe('options of commands', () => {
  test.each<[string, Document]>([
    ['find', { find: 'c', filtr: {} }],
    ['insert', { insert: 'c', documents: [{ a: 1 }], orderd: false }],
    ['update', { update: 'c', updates: [{ q: {}, u: { $set: { a: 1 } } }], upsert: true }],
    ['an update statement', { update: 'c', updates: [{ q: {}, u: { $set: { a: 1 } }, upset: true }] }],
    ['delete', { delete: 'c', deletes: [{ q: {}, limit: 0 }], limit: 1 }],
    ['a delete statement', { delete: 'c', deletes: [{ q: {}, limit: 1, sort: { a: 1 } }] }],
    ['findAndModify', { findAndModify: 'c', query: {}, update: { $set: { a: 1 } }, returnDocument: 'after' }],
    ['aggregate', { aggregate: 'c', pipeline: [], cursor: {}, batchSize: 5 }],
    ['count', { count: 'c', filter: {} }],
    ['distinct', { distinct: 'c', key: 'a', filter: {} }],
    ['create', { create: 'c2', validators: {} }],
    ['createIndexes', { createIndexes: 'c', indexes: [{ key: { a: 1 }, name: 'a' }], unique: true }],
    ['drop', { drop: 'c', force: true }],
    ['collMod', { collMod: 'c', validators: {} }],
    ['explain', { explain: { find: 'c', filtr: {} } }],
  ])('an option that the command does not have is refused and nothing happens: %s', async (_name, command) => {
    expect([40415, 9]).toContain(await codeOf(command))
    expect((await server.db.listCollections({ name: 'c' }).toArray()).length).toBe(0)
  })

  test.each<[string, Document]>([
    ['$lookup', { $lookup: { from: 'c', as: 'x', localField: 'a', foreignField: 'b', odd: 1 } }],
    ['$unwind', { $unwind: { path: '$a', keep: true } }],
    ['$merge', { $merge: { into: 'd', whenMatched: 'sometimes' } }],
    ['$filter', { $project: { x: { $filter: { input: '$a', cond: true, only: 1 } } } }],
    ['$dateTrunc', { $project: { x: { $dateTrunc: { date: '$a', unit: 'day', zone: 'Asia/Shanghai' } } } }],
    ['$regexMatch', { $project: { x: { $regexMatch: { input: '$a', regex: 'b', flags: 'i' } } } }],
  ])('a part that a stage or an expression does not have is refused: %s', async (_name, stage) => {
    const collection = fresh()
    await collection.insertOne({ a: [] })
    expect((await failure(collection.aggregate([stage]).toArray())).code).toEqual(expect.any(Number))
  })

  test('$addToSet takes $each alone', async () => {
    const update = { $addToSet: { list: { $each: [1], $slice: 1 } } } as Document
    expect((await failure(fresh().updateOne({}, update, { upsert: true }))).code).toBe(2)
  })

  test('read and write concerns are checked', async () => {
    expect(await codeOf({ find: 'c', readConcern: { level: 'best' } })).toBe(9)
    expect(await codeOf({ find: 'c', readConcern: { strange: 1 } })).toEqual(expect.any(Number))
    expect(await codeOf({ insert: 'c', documents: [{ a: 1 }], writeConcern: { w: 'nobody' } })).toBe(79)
    expect(await codeOf({ insert: 'c', documents: [{ a: 1 }], writeConcern: { strange: 1 } })).toBe(9)
    const out = { aggregate: 'c', pipeline: [{ $out: 'd' }], cursor: {}, readConcern: { level: 'linearizable' } }
    expect(await codeOf(out)).toBe(72)
    expect(await server.db.command({ find: 'c', readConcern: { level: 'majority' }, comment: 'who asks' })).toMatchObject({
      ok: 1,
    })
  })

  test('the stable API: another version and commands outside of it are refused', async () => {
    expect(await codeOf({ ping: 1, apiVersion: '2' })).toBe(322)
    expect(await codeOf({ distinct: 'c', key: 'a', apiVersion: '1', apiStrict: true })).toBe(323)
    expect(await server.db.command({ ping: 1, apiVersion: '1', apiStrict: true })).toMatchObject({ ok: 1 })
  })

  test('hint, let and comment work on writes; a hint that names no index is refused', async () => {
    const collection = fresh()
    await collection.insertMany([1, 2, 3].map(n => ({ _id: n, n })))
    await collection.createIndex({ n: 1 }, { name: 'byN' })
    const filter = { $expr: { $eq: ['$n', '$$wanted'] } }
    const options = { let: { wanted: 2 }, comment: 'why' }
    expect((await collection.updateOne(filter, { $set: { hit: true } }, { ...options, hint: 'byN' })).modifiedCount).toBe(1)
    expect((await collection.deleteOne(filter, { ...options, hint: { n: 1 } })).deletedCount).toBe(1)
    const changed = await collection.findOneAndUpdate(filter, [{ $set: { got: '$$wanted' } }], {
      let: { wanted: 3 },
      returnDocument: 'after',
    })
    expect(changed).toEqual({ _id: 3, n: 3, got: 3 })
    expect((await failure(collection.updateOne({}, { $set: { a: 1 } }, { hint: 'none' }))).code).toBe(2)
    expect((await failure(collection.deleteMany({}, { hint: 'none' }))).code).toBe(2)
    expect(await collection.countDocuments()).toBe(2)
  })

  test('updateOne takes the first by its sort', async () => {
    const collection = fresh()
    await collection.insertMany([
      { _id: 1, n: 1 },
      { _id: 2, n: 3 },
      { _id: 3, n: 2 },
    ])
    await collection.updateOne({}, { $set: { first: true } }, { sort: { n: -1 } })
    await collection.replaceOne({}, { last: true }, { sort: { n: 1 } })
    expect(await collection.find({}, { sort: { _id: 1 } }).toArray()).toEqual([
      { _id: 1, last: true },
      { _id: 2, n: 3, first: true },
      { _id: 3, n: 2 },
    ])
  })
})

describe('validators', () => {
  const validator = { n: { $gt: 0 }, $expr: { $ne: ['$n', 13] } }

  test('bypassDocumentValidation lets a document in, and only that command', async () => {
    await server.db.createCollection('bypass', { validator })
    const collection = server.db.collection<Item>('bypass')
    expect((await failure(collection.insertOne({ _id: 1, n: 13 }))).code).toBe(121)
    await collection.insertOne({ _id: 1, n: -1 }, { bypassDocumentValidation: true })
    await collection.updateOne({ _id: 1 }, { $set: { n: -2 } }, { bypassDocumentValidation: true })
    expect((await failure(collection.updateOne({ _id: 1 }, { $set: { n: -3 } }))).code).toBe(121)
    expect((await failure(collection.findOneAndReplace({ _id: 1 }, { n: 0 }))).code).toBe(121)
    expect(await collection.findOne()).toEqual({ _id: 1, n: -2 })
  })

  test('at level moderate a document that was invalid may stay so, a valid one may not become so', async () => {
    const collection = server.db.collection<Item>('moderate')
    await collection.insertMany([
      { _id: 1, n: -1 },
      { _id: 2, n: 1 },
    ])
    await server.db.command({ collMod: 'moderate', validator, validationLevel: 'moderate' })
    await collection.updateOne({ _id: 1 }, { $set: { n: -5 } })
    expect((await failure(collection.updateOne({ _id: 2 }, { $set: { n: -5 } }))).code).toBe(121)
    expect((await failure(collection.insertOne({ n: -5 }))).code).toBe(121)
    await server.db.command({ collMod: 'moderate', validationLevel: 'off' })
    await collection.updateOne({ _id: 2 }, { $set: { n: -5 } })
    expect(await collection.distinct('n')).toEqual([-5])
  })

  test('what cannot be kept is refused when the collection is made or changed', async () => {
    expect(await codeOf({ create: 'v', validator: { a: { $foo: 1 } } })).toBe(2)
    expect(await codeOf({ create: 'v', validationLevel: 'some' })).toBe(2)
    expect(await codeOf({ create: 'v', pipeline: [] })).toBe(72)
  })
})

describe('unusual updates', () => {
  test('$pull takes conditions joined by $or and $and', async () => {
    const collection = fresh()
    await collection.insertOne({ _id: 1, list: [{ n: 'a' }, { n: 'b' }, { n: 'c', q: 1 }] })
    await collection.updateOne({ _id: 1 }, {
      $pull: { list: { $or: [{ n: 'a' }, { $and: [{ n: 'c' }, { q: 1 }] }] } },
    } as Document)
    expect((await collection.findOne())?.list).toEqual([{ n: 'b' }])
  })

  test('a field name may begin with a dollar in a new document, and is not changed in an old one', async () => {
    const collection = fresh()
    await collection.updateOne({ _id: 1 }, { $set: { $price: 5 } }, { upsert: true })
    expect(await collection.findOne()).toEqual({ _id: 1, $price: 5 })
    expect((await failure(collection.updateOne({ _id: 1 }, { $set: { $price: 6 } }))).code).toBe(52)
  })

  test('null is an _id like any other', async () => {
    const collection = fresh()
    const insert = { insert: collection.collectionName, documents: [{ _id: null, a: 1 }] }
    expect(await server.db.command(insert)).toMatchObject({ n: 1 })
    expect(await server.db.command(insert)).toMatchObject({ n: 0, writeErrors: [{ code: 11000 }] })
    await collection.deleteMany({})
    await collection.updateOne({ _id: null } as never, { $set: { b: 1 } }, { upsert: true })
    expect(await collection.find({ _id: { $type: 'null' } } as never).toArray()).toEqual([{ _id: null, b: 1 }])
  })
})

describe('bulkWrite of a client, over several collections', () => {
  const ns = (name: string) => `${server.db.databaseName}.${name}`
  beforeAll(async () => {
    await server.db.collection<Item>('bulk_a').insertMany([
      { _id: 1, n: 1 },
      { _id: 2, n: 2 },
    ])
    await server.db.createCollection('bulk_b')
  })

  test('every kind of statement works and is counted', async () => {
    const result = await server.client.bulkWrite(
      [
        { name: 'insertOne', namespace: ns('bulk_b'), document: { _id: 1, n: 10 } as never },
        { name: 'updateOne', namespace: ns('bulk_a'), filter: { _id: 1 as never }, update: { $inc: { n: 1 } } },
        { name: 'updateMany', namespace: ns('bulk_a'), filter: { n: 2 }, update: [{ $set: { n: { $add: ['$n', '$$more'] } } }] },
        { name: 'replaceOne', namespace: ns('bulk_b'), filter: { _id: 7 as never }, replacement: { n: 7 }, upsert: true },
        { name: 'deleteOne', namespace: ns('bulk_b'), filter: { n: 10 } },
        { name: 'deleteMany', namespace: ns('bulk_a'), filter: { n: { $gt: 100 } } },
      ],
      { verboseResults: true, let: { more: 5 } },
    )
    expect(result).toMatchObject({ insertedCount: 1, matchedCount: 3, modifiedCount: 3, upsertedCount: 1, deletedCount: 1 })
    expect(result.updateResults?.get(3)?.upsertedId).toBe(7)
    expect(
      (
        await server.db
          .collection('bulk_a')
          .find({}, { sort: { _id: 1 } })
          .toArray()
      ).map(doc => doc.n),
    ).toEqual([7, 7])
  })

  test('an ordered one stops at the first failure, an unordered one goes on and names each', async () => {
    const models = [1, 1, 3].map(_id => ({
      name: 'insertOne' as const,
      namespace: ns('bulk_c'),
      document: { _id: _id as never },
    }))
    const first = (await failure(server.client.bulkWrite(models))) as unknown as MongoClientBulkWriteError
    expect(first).toBeInstanceOf(MongoClientBulkWriteError)
    expect([...first.writeErrors.entries()].map(([index, { code }]) => [index, code])).toEqual([[1, 11000]])
    expect(await server.db.collection('bulk_c').countDocuments()).toBe(1)
    const second = (await failure(server.client.bulkWrite(models, { ordered: false }))) as unknown as MongoClientBulkWriteError
    expect([...second.writeErrors.keys()]).toEqual([0, 1])
    expect(await server.db.collection('bulk_c').countDocuments()).toBe(2)
  })

  test('repeated with its number it is answered again and not done again', async () => {
    const session = server.client.startSession()
    const command = {
      bulkWrite: 1,
      ops: [{ update: 0, filter: { _id: 1 }, updateMods: { $inc: { n: 100 } } }],
      nsInfo: [{ ns: ns('bulk_a') }],
      txnNumber: Long.fromNumber(5_000_001),
    }
    const send = () => server.client.db('admin').command(command, { session })
    const replies = [await send(), await send()]
    for (const reply of replies) {
      expect(reply).toMatchObject({ nModified: 1, nErrors: 0, cursor: { firstBatch: [{ ok: 1, idx: 0, n: 1, nModified: 1 }] } })
    }
    await session.endSession()
    expect((await server.db.collection<Item>('bulk_a').findOne({ _id: 1 }))?.n).toBe(107)
  })

  test('in a transaction it commits or vanishes as a whole', async () => {
    const session = server.client.startSession()
    const models = [8, 9].map(_id => ({ name: 'insertOne' as const, namespace: ns('bulk_b'), document: { _id: _id as never } }))
    session.startTransaction()
    await server.client.bulkWrite(models, { session })
    await session.abortTransaction()
    expect(await server.db.collection<Item>('bulk_b').countDocuments({ _id: { $gte: 8 } })).toBe(0)
    session.startTransaction()
    await server.client.bulkWrite(models, { session })
    await session.commitTransaction()
    await session.endSession()
    expect(await server.db.collection<Item>('bulk_b').countDocuments({ _id: { $gte: 8 } })).toBe(2)
  })

  test('a statement that is none is refused before any is done', async () => {
    const send = (ops: Document[]) => server.client.db('admin').command({ bulkWrite: 1, ops, nsInfo: [{ ns: ns('bulk_d') }] })
    const good = { insert: 0, document: { a: 1 } }
    for (const bad of [{ upsert: 0 }, { insert: 7, document: {} }, { insert: 0, document: {}, odd: 1 }]) {
      expect((await failure(send([good, bad]))).code).toEqual(expect.any(Number))
    }
    expect(await server.db.collection('bulk_d').countDocuments()).toBe(0)
  })
})
