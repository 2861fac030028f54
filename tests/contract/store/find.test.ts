import { beforeAll, describe, expect, test } from '@jest/globals'
import { Binary, type Collection, Decimal128, type Document, Double, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'mongodb'
import { failure, type Item, useServer } from './server.ts'

const server = useServer()

const collectionWith = async (name: string, docs: Document[], index?: Document): Promise<Collection<Item>> => {
  const collection = server.db.collection<Item>(name)
  if (index) await collection.createIndex(index as never)
  if (docs.length > 0) await collection.insertMany(docs as never)
  return collection
}

const ids = async (collection: Collection<Item>, filter: Document, options = {}) =>
  (await collection.find(filter as never, { sort: { _id: 1 }, ...options }).toArray()).map(doc => doc._id)

describe('comparison order', () => {
  const ordered = [
    new MinKey(),
    null,
    Double.fromString('NaN'),
    -1,
    Decimal128.fromString('0.1'),
    1,
    Long.fromString('9007199254740993'),
    Decimal128.fromString('9007199254740994'),
    '',
    'a',
    'b',
    '中',
    { a: 1 },
    { a: 1, b: 1 },
    { b: 0 },
    new Binary(Buffer.from('x')),
    new Binary(Buffer.from('xy')),
    new ObjectId('000000000000000000000001'),
    false,
    true,
    new Date(0),
    new Date(1),
    new Timestamp({ t: 1, i: 1 }),
    new MaxKey(),
  ]

  test.each([false, true])('values of all types sort in BSON order (indexed: %s)', async indexed => {
    const shuffled = ordered
      .map((value, place) => ({ _id: place, value }))
      .sort((a, b) => ((a._id * 7) % 24) - ((b._id * 7) % 24))
    const collection = await collectionWith(`order_${indexed}`, shuffled, indexed ? { value: 1 } : undefined)
    const up = await collection.find({}, { sort: { value: 1 } }).toArray()
    const down = await collection.find({}, { sort: { value: -1 } }).toArray()
    expect(up.map(doc => doc._id)).toEqual(ordered.map((_, place) => place))
    expect(down.map(doc => doc._id)).toEqual(ordered.map((_, place) => place).reverse())
  })

  test('numbers of different kinds are equal when their values are', async () => {
    const collection = await collectionWith('kinds', [
      { _id: 1, n: 2 },
      { _id: 2, n: Long.fromNumber(2) },
      { _id: 3, n: new Double(2) },
      { _id: 4, n: Decimal128.fromString('2.0') },
      { _id: 5, n: '2' },
    ])
    expect(await ids(collection, { n: 2 })).toEqual([1, 2, 3, 4])
    expect(await ids(collection, { n: Decimal128.fromString('2') })).toEqual([1, 2, 3, 4])
    expect(await ids(collection, { n: { $in: [2, '2'] } })).toEqual([1, 2, 3, 4, 5])
  })
})

describe('queries, without and with an index', () => {
  const docs = [
    {
      _id: 1,
      a: 1,
      tags: ['x', 'y'],
      items: [
        { sku: 'p', qty: 5 },
        { sku: 'q', qty: 9 },
      ],
      name: '长安汽车',
    },
    { _id: 2, a: 2, tags: [], items: [{ sku: 'p', qty: 1 }], name: '长城' },
    { _id: 3, a: null, tags: 'x', name: 'Chang An' },
    { _id: 4, tags: ['y', ['x']], items: { sku: 'q', qty: 9 } },
    { _id: 5, a: [1, 5, 9], name: 'abc' },
  ]
  const cases: [string, Document, number[]][] = [
    ['equality also looks into arrays', { a: 1 }, [1, 5]],
    ['null matches null and missing', { a: null }, [3, 4]],
    ['$ne is the opposite of equality', { a: { $ne: 1 } }, [2, 3, 4]],
    ['$gt stays within the type', { a: { $gt: 1 } }, [2, 5]],
    ['two bounds may be met by different elements', { a: { $gt: 5, $lt: 3 } }, [5]],
    ['$elemMatch needs one element for both', { a: { $elemMatch: { $gt: 1, $lt: 6 } } }, [5]],
    ['$lte stays within the type', { a: { $lte: 1 } }, [1, 5]],
    ['$in with null', { a: { $in: [2, null] } }, [2, 3, 4]],
    ['$nin', { a: { $nin: [1, 2] } }, [3, 4]],
    ['$exists true', { a: { $exists: true } }, [1, 2, 3, 5]],
    ['$exists false', { a: { $exists: false } }, [4]],
    ['$size', { tags: { $size: 2 } }, [1, 4]],
    ['an empty array equals itself only', { tags: [] }, [2]],
    ['a whole array', { tags: ['x', 'y'] }, [1]],
    ['$all', { tags: { $all: ['x', 'y'] } }, [1]],
    ['dotted paths go through arrays', { 'items.sku': 'q' }, [1, 4]],
    ['positions in arrays', { 'items.0.qty': 5 }, [1]],
    ['$elemMatch on documents', { items: { $elemMatch: { sku: 'p', qty: { $gte: 5 } } } }, [1]],
    ['separate conditions may meet in separate elements', { 'items.sku': 'p', 'items.qty': 9 }, [1]],
    ['a regex with a plain beginning', { name: /^长/ }, [1, 2]],
    ['a regex without regard to case', { name: { $regex: 'CHANG', $options: 'i' } }, [3]],
    ['$or', { $or: [{ a: 2 }, { name: 'abc' }] }, [2, 5]],
    ['$and of $or', { $and: [{ $or: [{ a: 1 }, { a: 2 }] }, { name: /汽车/ }] }, [1]],
    ['$nor', { $nor: [{ a: 1 }, { a: null }] }, [2]],
    ['$not', { a: { $not: { $gt: 1 } } }, [1, 3, 4]],
    ['$type', { a: { $type: 'number' } }, [1, 2, 5]],
    ['$mod', { a: { $mod: [4, 1] } }, [1, 5]],
    ['$expr', { $expr: { $gt: ['$a', 1] } }, [2, 5]],
  ]

  beforeAll(async () => {
    await collectionWith('plain', docs)
    const indexed = await collectionWith('indexed', docs)
    for (const path of ['a', 'tags', 'items.sku', 'items.qty', 'name']) await indexed.createIndex({ [path]: 1 })
    await indexed.createIndex({ 'items.sku': 1, 'items.qty': -1 })
  })

  test.each(cases)('%s', async (_rule, filter, expected) => {
    expect(await ids(server.db.collection<Item>('plain'), filter)).toEqual(expected)
    expect((await ids(server.db.collection<Item>('indexed'), filter, { sort: {} })).sort()).toEqual(expected)
  })
})

describe('cursors', () => {
  test('a result is read in batches, with skip and limit', async () => {
    const collection = await collectionWith(
      'batches',
      Array.from({ length: 1000 }, (_, n) => ({ _id: n, n: n % 10 })),
      { n: 1 },
    )
    expect((await collection.find({}, { batchSize: 7 }).toArray()).length).toBe(1000)
    expect(await ids(collection, { n: 3 }, { skip: 10, limit: 5 })).toEqual([103, 113, 123, 133, 143])
    const sorted = await collection.find({}, { sort: { n: -1, _id: 1 }, limit: 3 }).toArray()
    expect(sorted.map(doc => doc._id)).toEqual([9, 19, 29])
  })

  test('a cursor that is closed early is gone on the server', async () => {
    const cursor = server.db.collection('batches').find({}, { batchSize: 2 })
    await cursor.next()
    const id = cursor.id
    await cursor.close()
    const error = await failure(server.db.command({ getMore: id as never, collection: 'batches' }))
    expect(error.code).toBe(43)
  })

  test('projections include, exclude, slice, match and compute', async () => {
    const collection = await collectionWith('shapes', [
      { _id: 1, a: 1, b: { c: 2, d: 3 }, list: [1, 2, 3, 4], items: [{ k: 1 }, { k: 2 }] },
    ])
    const one = async (projection: Document, filter: Document = {}) => collection.findOne(filter as never, { projection })
    expect(await one({ 'b.c': 1 })).toEqual({ _id: 1, b: { c: 2 } })
    expect(await one({ b: 0, list: 0, items: 0, _id: 0 })).toEqual({ a: 1 })
    expect(await one({ list: { $slice: -2 }, b: 0, items: 0 })).toEqual({ _id: 1, a: 1, list: [3, 4] })
    expect(await one({ items: { $elemMatch: { k: 2 } } })).toEqual({ _id: 1, items: [{ k: 2 }] })
    expect(await one({ 'items.$': 1 }, { 'items.k': 2 })).toEqual({ _id: 1, items: [{ k: 2 }] })
    expect(await one({ sum: { $add: ['$a', '$b.c'] } })).toEqual({ _id: 1, sum: 3 })
    expect((await failure(one({ a: 1, b: 0 }))).code).toBe(31254)
  })

  test('count, estimated count and distinct', async () => {
    const collection = server.db.collection('batches')
    expect(await collection.countDocuments({ n: { $lt: 3 } })).toBe(300)
    expect(await collection.estimatedDocumentCount()).toBe(1000)
    expect(await collection.distinct('n', { n: { $gte: 7 } })).toEqual([7, 8, 9])
  })

  test('explain tells which index is used', async () => {
    const plan = await server.db.collection('batches').find({ n: 3 }).explain('queryPlanner')
    expect(JSON.stringify(plan)).toContain('IXSCAN')
  })
})

describe('refusals', () => {
  test('an unknown operator, a bad regex and $where have codes and sentences', async () => {
    const collection = server.db.collection('plain')
    expect((await failure(collection.findOne({ a: { $foo: 1 } }))).code).toBe(2)
    expect((await failure(collection.findOne({ a: { $regex: '(' } }))).code).toBe(51091)
    expect((await failure(collection.findOne({ $and: [] }))).code).toBe(2)
    expect((await failure(server.db.command({ noSuchCommand: 1 }))).code).toBe(59)
  })
})
