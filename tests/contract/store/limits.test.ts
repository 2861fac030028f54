import { beforeAll, describe, expect, test } from '@jest/globals'
import { BSON, BSONRegExp, type Document } from 'mongodb'
import { failure, type Item, nested, useServer } from './server.ts'

const server = useServer()
let made = 0
const fresh = () => server.db.collection<Item>(`edges_${++made}`)
const mebibyte = 1024 * 1024
const ofBytes = (bytes: number) => ({ _id: 1, s: 'x'.repeat(bytes - BSON.calculateObjectSize({ _id: 1, s: '' })) })

describe('a document at the limit of 16 MiB', () => {
  test('is stored when it has exactly that length, and refused with one byte more', async () => {
    const collection = fresh()
    await collection.insertOne(ofBytes(16 * mebibyte))
    const { s } = ofBytes(16 * mebibyte + 1)
    // Older versions of MongoDB have no code of its own for it.
    expect([2, 10334]).toContain((await failure(collection.insertOne({ _id: 2, s }))).code)
    expect([10334, 17419]).toContain((await failure(collection.updateOne({ _id: 1 }, { $set: { n: 1 } }))).code)
    expect([10334, 17419]).toContain((await failure(collection.replaceOne({ _id: 1 }, { s }))).code)
    expect([10334, 17420]).toContain((await failure(collection.updateOne({ _id: 3 }, { $set: { s } }, { upsert: true }))).code)
    const found = await collection.find({}, { projection: { n: 1, length: { $strLenCP: '$s' } } }).toArray()
    expect(found).toEqual([{ _id: 1, length: ofBytes(16 * mebibyte).s.length }])
  })

  describe('as the result of a computation', () => {
    let many: ReturnType<typeof fresh>
    beforeAll(async () => {
      many = fresh()
      await many.insertMany(Array.from({ length: 24 }, (_, n) => ({ _id: n, s: `${n}`.padEnd(mebibyte, 'z') })))
    })

    const all = { $group: { _id: null, all: { $push: '$s' } } }
    const twice = (s: string) => ({ $concat: Array.from({ length: 20 }, () => s) })
    test.each<[string, () => Promise<unknown>]>([
      ['$group with $push', () => many.aggregate([all]).toArray()],
      ['$group with $addToSet', () => many.aggregate([{ $group: { _id: null, all: { $addToSet: '$$ROOT' } } }]).toArray()],
      [
        '$lookup',
        () => many.aggregate([{ $limit: 1 }, { $lookup: { from: many.collectionName, pipeline: [], as: 'all' } }]).toArray(),
      ],
      ['$facet', () => many.aggregate([{ $facet: { all: [{ $match: {} }] } }]).toArray()],
      ['$project', () => many.aggregate([{ $limit: 1 }, { $project: { long: twice('$s') } }]).toArray()],
      ['a projection of find', () => many.findOne({}, { projection: { long: twice('$s') } })],
      ['an update by pipeline', () => many.updateOne({ _id: 1 }, [{ $set: { long: twice('$s') } }])],
    ])('%s is refused, not cut', async (_, work) => {
      expect([10334, 17419]).toContain((await failure(work())).code)
    })

    test('it may be longer on the way', async () => {
      expect(await many.aggregate([all, { $project: { n: { $size: '$all' } } }]).toArray()).toEqual([{ _id: null, n: 24 }])
    })

    test('distinct values that do not fit into one answer are refused', async () => {
      expect(await failure(many.distinct('s'))).toMatchObject({ code: 17217 })
    })

    test('$out and $merge that fail leave their target as it was', async () => {
      const target = fresh()
      await target.insertOne({ _id: 'old' })
      await target.createIndex({ kept: 1 })
      const long = {
        $project: { _id: { $cond: [{ $eq: ['$_id', 0] }, 0, '$_id'] }, s: { $cond: [{ $eq: ['$_id', 20] }, twice('$s'), 1] } },
      }
      for (const write of [{ $out: target.collectionName }, { $merge: { into: 'never_made', whenNotMatched: 'fail' } }])
        await failure(many.aggregate([long, write]).toArray())
      await failure(many.aggregate([{ $project: { _id: 'same' } }, { $out: target.collectionName }]).toArray())
      expect(await target.find().toArray()).toEqual([{ _id: 'old' }])
      expect((await target.indexes()).map(({ name }) => name)).toEqual(['_id_', 'kept_1'])
      const names = (await server.db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name)
      expect(names.filter(name => name.startsWith('tmp.') || name === 'never_made')).toEqual([])
      await many
        .aggregate([
          { $project: { s: 1 } },
          { $limit: 2 },
          { $project: { s: { $strLenCP: '$s' } } },
          { $out: target.collectionName },
        ])
        .toArray()
      expect(await target.countDocuments({ s: mebibyte })).toBe(2)
      expect((await target.indexes()).map(({ name }) => name)).toEqual(['_id_', 'kept_1'])
    })
  })
})

describe('depth', () => {
  // MongoDB documents 100 levels and takes some more.
  test('a hundred levels are stored, however they come to be; what goes beyond what is documented is refused', async () => {
    const collection = fresh()
    await collection.insertOne({ _id: 1, ...nested(100) })
    await collection.updateOne({ _id: 1 }, { $set: { [`a${'.d'.repeat(99)}`]: 1 } })
    const tooDeep = server.embedded ? 101 : 200
    expect(await failure(collection.insertOne(nested(tooDeep)))).toMatchObject({ code: 15 })
    expect(await failure(collection.updateOne({ _id: 1 }, { $set: { x: nested(tooDeep - 1) } }))).toMatchObject({ code: 15 })
    const wrap = async () => {
      for (let level = 0; level < tooDeep; level++) await collection.updateOne({ _id: 1 }, [{ $set: { w: { d: '$w' } } }])
    }
    expect(await failure(wrap())).toMatchObject({ code: 15 })
  })

  const path = Array.from({ length: 50_000 }, () => 'p').join('.')
  test.each<[string, () => Promise<unknown>]>([
    [
      'a sort',
      () =>
        fresh()
          .find()
          .sort({ [path]: 1 })
          .toArray(),
    ],
    ['a projection', () => fresh().findOne({}, { projection: { [path]: 1 } })],
    [
      'an expression',
      () =>
        fresh()
          .aggregate([{ $project: { x: `$${path}` } }])
          .toArray(),
    ],
  ])('a path of thousands of parts is refused in %s', async (_, work) => {
    expect(await failure(work())).toMatchObject({ code: 15 })
  })
})

describe('many values', () => {
  test.each([1000, 100_000])(
    '%i of them in $in, as a filter and as an expression',
    async size => {
      const collection = fresh()
      await collection.insertMany(Array.from({ length: 3000 }, (_, n) => ({ _id: n, n, s: `k${n}`, none: null })))
      await collection.createIndex({ s: 1 })
      const list = Array.from({ length: size }, (_, n) => n * 2)
      const hits = Math.min(size, 1500)
      const texts = list.map(n => `k${n}`)
      expect(await collection.countDocuments({ n: { $in: list } })).toBe(hits)
      expect(await collection.countDocuments({ s: { $in: texts }, n: { $in: list } })).toBe(hits)
      expect(await collection.countDocuments({ s: { $nin: texts } })).toBe(3000 - hits)
      expect(await collection.countDocuments({ $expr: { $in: ['$n', list] } })).toBe(hits)
      expect(await collection.countDocuments({ $expr: { $in: ['$missing', [null, 1]] } })).toBe(0)
      expect(await collection.countDocuments({ $expr: { $in: ['$none', [null, 1]] } })).toBe(3000)
      expect((await collection.updateMany({ n: { $in: list } }, { $set: { hit: true } })).modifiedCount).toBe(hits)
    },
    20_000,
  )

  test('a list that would take all memory is not made', async () => {
    const collection = fresh()
    await collection.insertOne({ _id: 1, a: [] })
    const size = (list: Document) => collection.aggregate([{ $project: { n: { $size: list } } }]).toArray()
    expect(await failure(size({ $range: [0, 2_000_000_000] }))).toMatchObject({ code: 146, codeName: 'ExceededMemoryLimit' })
    expect(await size({ $range: [0, 1_000_000] })).toEqual([{ _id: 1, n: 1_000_000 }])
    expect(await size({ $range: [10, 0, -3] })).toEqual([{ _id: 1, n: 4 }])
    expect(await failure(size({ $range: [0, 1, 0] }))).toMatchObject({ code: 34449 })
    expect(await failure(collection.updateOne({}, { $set: { 'a.1000000000': 1 } }))).toMatchObject({ code: 34 })
  })

  test('thousands of duplicates in one command are all reported, in an answer that fits', async () => {
    const collection = fresh()
    const documents = Array.from({ length: 20_000 }, (_, n) => ({ _id: `${'k'.repeat(1000)}${n}` }))
    await collection.insertMany(documents)
    const error = await failure(collection.insertMany(documents, { ordered: false }))
    const errors = error.writeErrors as { code: number; index: number; errmsg: string }[]
    expect(errors.length).toBe(documents.length)
    expect(errors.every(({ code, index }, place) => code === 11000 && index === place)).toBe(true)
    expect(errors[0]?.errmsg).toMatch(/dup key/)
  }, 30_000)
})

describe('regular expressions that would take for ever', () => {
  const text = `${'a'.repeat(60)}!`
  const bomb = new BSONRegExp('^(a+)+$')
  const isStopped = (error: { code?: number }) => expect([51075, 51091, 51156, 50]).toContain(error.code)

  test.each<[string, (collection: ReturnType<typeof fresh>) => Promise<unknown>]>([
    ['$in', c => c.find({ s: { $in: [bomb] } } as never).toArray()],
    ['$not', c => c.find({ s: { $not: bomb } } as never).toArray()],
    ['an update', c => c.updateMany({ s: bomb } as never, { $set: { n: 1 } })],
    ['a removal', c => c.deleteMany({ s: bomb } as never)],
    ['$pull', c => c.updateMany({}, { $pull: { list: bomb } } as never)],
    ['array filters', c => c.updateMany({}, { $set: { 'list.$[e]': 1 } }, { arrayFilters: [{ e: bomb }] })],
    ['a partial index', c => c.createIndex({ n: 1 }, { partialFilterExpression: { s: { $regex: '^(a+)+$' } } as never })],
    ['loops of fixed length in one another', c => c.find({ s: new BSONRegExp('((a{1000}){1000}){1000}b') } as never).toArray()],
    [
      'more groups than can be held',
      c => c.find({ s: new BSONRegExp('('.repeat(16_000) + ')'.repeat(16_000)) } as never).toArray(),
    ],
  ])('are stopped in %s', async (_, work) => {
    const collection = fresh()
    await collection.insertMany([
      { _id: 1, s: text, list: [text] },
      { _id: 2, s: 'a'.repeat(100_000), list: [] },
    ])
    isStopped(await failure(work(collection)))
    expect(await collection.countDocuments({ n: { $exists: false } })).toBe(2)
  })
})
