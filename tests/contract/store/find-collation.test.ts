import { beforeAll, describe, expect, test } from '@jest/globals'
import type { CollationOptions, Document } from 'mongodb'
import { failure, type Item, useServer } from './server.ts'

const server = useServer()
const english: CollationOptions = { locale: 'en', strength: 2 }
const people = () => server.db.collection<Item>('people')

beforeAll(async () => {
  await people().insertMany([
    { _id: 1, name: 'Ping', tags: ['Red'], n: 1, city: '重庆' },
    { _id: 2, name: 'pINg', tags: ['blue', 'RED'], n: 2, city: '北京' },
    { _id: 3, name: 'pong', n: 3, city: '上海' },
    { _id: 4, name: 'résumé', n: 10, city: '安庆' },
    { _id: 5, name: 7, n: 11 },
  ])
  await people().createIndex({ name: 1, n: 1 })
})

const ids = async (filter: Document, collation: CollationOptions, sort: Document = { _id: 1 }) =>
  (
    await people()
      .find(filter, { collation, sort } as never)
      .toArray()
  ).map(doc => doc._id)

describe('collation', () => {
  test.each<[string, Document, CollationOptions, number[]]>([
    ['strength 2 ignores case', { name: 'PING' }, english, [1, 2]],
    ['strength 1 ignores accents too', { name: 'Resume' }, { locale: 'en', strength: 1 }, [4]],
    ['strength 2 does not', { name: 'Resume' }, english, []],
    ['strength 3 tells case apart', { name: 'ping' }, { locale: 'en' }, []],
    ['in lists', { name: { $in: ['PONG', 'x'] } }, english, [3]],
    ['in $ne', { name: { $ne: 'PING' } }, english, [3, 4, 5]],
    ['in ranges', { name: { $gt: 'PING' } }, english, [3, 4]],
    ['in arrays', { tags: 'red' }, english, [1, 2]],
    ['in $all', { tags: { $all: ['red', 'BLUE'] } }, english, [2]],
    ['beside what holds no text', { name: 'PING', n: 2 }, english, [2]],
    ['not in regular expressions', { name: /^p/ }, english, [2, 3]],
    ['locale simple is the binary order', { name: 'ping' }, { locale: 'simple' }, []],
  ])('equality and order follow it: %s', async (_rule, filter, collation, expected) => {
    expect(await ids(filter, collation)).toEqual(expected)
  })

  test('sorting follows it, by language and by numbers in texts', async () => {
    expect(await ids({ n: { $lt: 10 } }, english, { name: 1, _id: 1 })).toEqual([1, 2, 3])
    expect(await ids({ n: { $lt: 10 } }, { locale: 'en', caseFirst: 'lower' }, { name: -1 })).toEqual([3, 1, 2])
    expect(await ids({ city: { $exists: true } }, { locale: 'zh' }, { city: 1 })).toEqual(
      [4, 2, 1, 3].sort((a, b) => pinyin[a]?.localeCompare(pinyin[b] ?? '') ?? 0),
    )
    await server.db.collection<Item>('codes').insertMany(['a10', 'a9', 'a100'].map(_id => ({ _id })))
    const codes = await server.db
      .collection('codes')
      .find({}, { collation: { locale: 'en', numericOrdering: true }, sort: { _id: 1 } })
      .toArray()
    expect(codes.map(({ _id }) => String(_id))).toEqual(['a9', 'a10', 'a100'])
  })

  test('distinct, count, pipelines and writes follow it', async () => {
    expect((await people().distinct('name', { n: { $lt: 4 } }, { collation: english })).length).toBe(2)
    expect(await people().countDocuments({ name: 'PING' }, { collation: english })).toBe(2)
    const sorted = [{ $match: { name: 'PING' } }, { $sort: { name: 1, n: -1 } }, { $project: { n: 1 } }]
    expect(await people().aggregate(sorted, { collation: english }).toArray()).toEqual([
      { _id: 2, n: 2 },
      { _id: 1, n: 1 },
    ])
    const copy = server.db.collection<Item>('copy')
    await copy.insertMany([
      { _id: 1, s: 'A', list: ['x', 'Y'] },
      { _id: 2, s: 'b' },
    ])
    expect((await copy.updateOne({ s: 'a' }, { $pull: { list: 'y' } } as Document, { collation: english })).modifiedCount).toBe(1)
    expect(
      (await copy.updateOne({ s: 'a' }, { $addToSet: { list: 'X' } } as Document, { collation: english })).modifiedCount,
    ).toBe(0)
    expect(
      await copy
        .updateMany({}, { $set: { 'list.$[e]': 'z' } }, { collation: english, arrayFilters: [{ e: 'X' }] })
        .catch(() => null),
    ).toBeNull()
    expect(
      await copy.findOneAndUpdate({ s: 'B' }, { $min: { s: 'A' } }, { collation: english, returnDocument: 'after' }),
    ).toMatchObject({ s: 'A' })
    expect((await copy.deleteMany({ s: 'a' }, { collation: english })).deletedCount).toBe(2)
  })

  test('one that is none is refused', async () => {
    const code = async (work: Promise<unknown>) => (await failure(work)).code
    expect(await code(people().findOne({}, { collation: { locale: 'nowhere!' } }))).toBe(2)
    expect(await code(people().findOne({}, { collation: { locale: 'en', strength: 9 } }))).toBe(9)
    expect(await code(people().findOne({}, { collation: { strength: 1 } as never }))).toBe(40414)
    expect(await code(people().findOne({}, { collation: { locale: 'en', odd: 1 } as never }))).toBe(40415)
  })
})

const pinyin: Record<number, string> = { 1: 'chongqing', 2: 'beijing', 3: 'shanghai', 4: 'anqing' }
