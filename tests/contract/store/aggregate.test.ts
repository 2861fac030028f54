import { beforeAll, describe, expect, test } from '@jest/globals'
import type { Document } from 'mongodb'
import { failure, type Item, useServer } from './server.ts'

const server = useServer()
const sales = () => server.db.collection<Item>('sales')
const run = (pipeline: Document[]) => sales().aggregate(pipeline).toArray()

beforeAll(async () => {
  await sales().insertMany([
    { _id: 1, who: 'zhang', amount: 100, tags: ['a', 'b'], day: new Date('2026-03-05T10:00:00Z'), dept: 1 },
    { _id: 2, who: 'zhang', amount: 50, tags: ['b'], day: new Date('2026-03-06T10:00:00Z'), dept: 1 },
    { _id: 3, who: 'li', amount: 70, tags: [], day: new Date('2026-04-01T10:00:00Z'), dept: 2 },
    { _id: 4, who: 'wang', amount: 30, day: new Date('2026-04-02T10:00:00Z'), dept: 9 },
  ])
  await server.db.collection<Item>('depts').insertMany([
    { _id: 1, name: '销售部', up: 3 },
    { _id: 2, name: '技术部', up: 3 },
    { _id: 3, name: '公司', up: null },
  ])
})

describe('stages', () => {
  test('$group sums, averages and gathers', async () => {
    const result = await run([
      { $sort: { _id: 1 } },
      {
        $group: {
          _id: '$who',
          total: { $sum: '$amount' },
          mean: { $avg: '$amount' },
          most: { $max: '$amount' },
          first: { $first: '$_id' },
          all: { $push: '$_id' },
          n: { $count: {} },
        },
      },
      { $sort: { total: -1 } },
    ])
    expect(result).toEqual([
      { _id: 'zhang', total: 150, mean: 75, most: 100, first: 1, all: [1, 2], n: 2 },
      { _id: 'li', total: 70, mean: 70, most: 70, first: 3, all: [3], n: 1 },
      { _id: 'wang', total: 30, mean: 30, most: 30, first: 4, all: [4], n: 1 },
    ])
  })

  test('$match, $project, $skip and $limit', async () => {
    const result = await run([
      { $match: { amount: { $gt: 40 } } },
      { $sort: { amount: 1 } },
      { $skip: 1 },
      { $limit: 1 },
      { $project: { _id: 0, who: 1, double: { $multiply: ['$amount', 2] } } },
    ])
    expect(result).toEqual([{ who: 'li', double: 140 }])
  })

  test('$unwind drops what has no elements, unless told to keep it', async () => {
    expect((await run([{ $unwind: '$tags' }])).map(doc => [doc._id, doc.tags])).toEqual([
      [1, 'a'],
      [1, 'b'],
      [2, 'b'],
    ])
    const kept = await run([{ $unwind: { path: '$tags', preserveNullAndEmptyArrays: true, includeArrayIndex: 'at' } }])
    expect(kept.map(doc => [doc._id, doc.tags, doc.at])).toEqual([
      [1, 'a', 0],
      [1, 'b', 1],
      [2, 'b', 0],
      [3, undefined, null],
      [4, undefined, null],
    ])
  })

  test('$lookup by field, by pipeline and through let', async () => {
    const byField = await run([
      { $lookup: { from: 'depts', localField: 'dept', foreignField: '_id', as: 'd' } },
      { $sort: { _id: 1 } },
    ])
    expect(byField.map(doc => doc.d.map((dept: Document) => dept.name))).toEqual([['销售部'], ['销售部'], ['技术部'], []])
    const byPipeline = await run([
      { $match: { _id: 3 } },
      {
        $lookup: {
          from: 'depts',
          let: { wanted: '$dept' },
          pipeline: [{ $match: { $expr: { $eq: ['$_id', '$$wanted'] } } }, { $project: { name: 1, _id: 0 } }],
          as: 'd',
        },
      },
    ])
    expect(byPipeline[0]?.d).toEqual([{ name: '技术部' }])
  })

  test('$graphLookup climbs a tree', async () => {
    const [dept] = await server.db
      .collection('depts')
      .aggregate([
        { $match: { _id: 1 } },
        { $graphLookup: { from: 'depts', startWith: '$up', connectFromField: 'up', connectToField: '_id', as: 'above' } },
      ])
      .toArray()
    expect(dept?.above.map((above: Document) => above.name)).toEqual(['公司'])
  })

  test('$facet, $count, $sortByCount, $unionWith and $replaceRoot', async () => {
    const [facets] = await run([{ $facet: { n: [{ $count: 'n' }], by: [{ $sortByCount: '$dept' }, { $limit: 1 }] } }])
    expect(facets).toEqual({ n: [{ n: 4 }], by: [{ _id: 1, count: 2 }] })
    const both = await run([
      { $match: { _id: 1 } },
      { $unionWith: { coll: 'depts', pipeline: [{ $match: { _id: 3 } }] } },
      { $replaceRoot: { newRoot: { id: '$_id' } } },
    ])
    expect(both).toEqual([{ id: 1 }, { id: 3 }])
  })

  test('$set, $unset and $bucket', async () => {
    const [first] = await run([
      { $match: { _id: 1 } },
      { $set: { 'deep.er': '$amount', who: '$$REMOVE' } },
      { $unset: ['tags', 'day'] },
    ])
    expect(first).toEqual({ _id: 1, amount: 100, dept: 1, deep: { er: 100 } })
    expect(await run([{ $bucket: { groupBy: '$amount', boundaries: [0, 60, 200], output: { n: { $sum: 1 } } } }])).toEqual([
      { _id: 0, n: 2 },
      { _id: 60, n: 2 },
    ])
  })

  test('$out and $merge write', async () => {
    await run([{ $group: { _id: '$who', total: { $sum: '$amount' } } }, { $out: 'totals' }])
    await run([{ $match: { _id: 4 } }, { $project: { _id: '$who', note: 'x' } }, { $merge: { into: 'totals' } }])
    expect(
      await server.db
        .collection('totals')
        .find({}, { sort: { _id: 1 } })
        .toArray(),
    ).toEqual([
      { _id: 'li', total: 70 },
      { _id: 'wang', total: 30, note: 'x' },
      { _id: 'zhang', total: 150 },
    ])
  })
})

describe('expressions', () => {
  const branch = (test: Document, result: unknown) =>
    Object.fromEntries([
      ['case', test],
      ['then', result],
    ])
  const cases: [string, unknown, unknown][] = [
    ['$cond and $gte', { $cond: [{ $gte: ['$amount', 100] }, 'big', 'small'] }, 'big'],
    ['$ifNull', { $ifNull: ['$none', '$who'] }, 'zhang'],
    ['$switch', { $switch: { branches: [branch({ $lt: ['$amount', 50] }, 1)], default: 2 } }, 2],
    ['$map and $toUpper', { $map: { input: '$tags', as: 't', in: { $toUpper: '$$t' } } }, ['A', 'B']],
    ['$filter', { $filter: { input: '$tags', cond: { $eq: ['$$this', 'b'] } } }, ['b']],
    ['$reduce and $concat', { $reduce: { input: '$tags', initialValue: '', in: { $concat: ['$$value', '$$this'] } } }, 'ab'],
    ['$size and $arrayElemAt', [{ $size: '$tags' }, { $arrayElemAt: ['$tags', -1] }], [2, 'b']],
    [
      '$dateToString in a time zone',
      { $dateToString: { date: '$day', format: '%Y-%m-%d %H', timezone: 'Asia/Shanghai' } },
      '2026-03-05 18',
    ],
    [
      '$dateTrunc in a time zone',
      { $dateTrunc: { date: '$day', unit: 'day', timezone: 'Asia/Shanghai' } },
      new Date('2026-03-04T16:00:00Z'),
    ],
    [
      '$dateTrunc by week',
      { $dateTrunc: { date: '$day', unit: 'week', startOfWeek: 'monday' } },
      new Date('2026-03-02T00:00:00Z'),
    ],
    ['$dateTrunc in bins', { $dateTrunc: { date: '$day', unit: 'month', binSize: 2 } }, new Date('2026-03-01T00:00:00Z')],
    [
      '$dateFromParts',
      { $dateFromParts: { year: 2026, month: 2, day: 3, timezone: '+08:00' } },
      new Date('2026-02-02T16:00:00Z'),
    ],
    ['$indexOfCP and $strLenCP', [{ $indexOfCP: ['客联系统', '系'] }, { $strLenCP: ['客联'] }], [2, 2]],
    ['$arrayToObject', { $arrayToObject: [[{ k: 'a', v: 1 }]] }, { a: 1 }],
    ['$week begins on Sunday', [{ $week: '$day' }, { $week: { date: new Date('2026-01-01') } }], [9, 0]],
    [
      '$dateDiff counts boundaries in the time zone',
      { $dateDiff: { startDate: '$day', endDate: new Date('2026-03-05T17:00:00Z'), unit: 'day', timezone: 'Asia/Shanghai' } },
      1,
    ],
    [
      '$dateAdd stays in a shorter month',
      { $dateAdd: { startDate: new Date('2026-01-31'), unit: 'month', amount: 1 } },
      new Date('2026-02-28'),
    ],
    ['$dateSubtract', { $dateSubtract: { startDate: '$day', unit: 'hour', amount: 10 } }, new Date('2026-03-05')],
    ['$year and $month', [{ $year: '$day' }, { $month: '$day' }], [2026, 3]],
    ['$subtract of dates gives milliseconds', { $subtract: [new Date(5000), new Date(2000)] }, 3000],
    ['$divide and $round', { $round: [{ $divide: ['$amount', 3] }, 2] }, 33.33],
    ['$in and $not', [{ $in: ['a', '$tags'] }, { $not: ['$none'] }], [true, true]],
    ['$setUnion', { $setUnion: ['$tags', ['b', 'c']] }, ['a', 'b', 'c']],
    ['$let', { $let: { vars: { x: 2 }, in: { $multiply: ['$$x', '$amount'] } } }, 200],
    ['$type and $toString', [{ $type: '$day' }, { $toString: '$amount' }], ['date', '100']],
    ['$mergeObjects and $$ROOT', { $mergeObjects: [{ z: 1 }, { y: '$$ROOT._id' }] }, { z: 1, y: 1 }],
    ['$regexMatch', { $regexMatch: { input: '$who', regex: '^zh' } }, true],
    ['$slice and $range', [{ $slice: ['$tags', 1] }, { $range: [0, 3] }], [['a'], [0, 1, 2]]],
  ]

  test.each(cases)('%s', async (_rule, expression, expected) => {
    const [doc] = await run([{ $match: { _id: 1 } }, { $project: { _id: 0, value: expression } }])
    expect(doc?.value).toEqual(expected)
  })

  test('unknown stages and expressions are refused', async () => {
    expect((await failure(run([{ $nope: {} }]))).code).toBe(40324)
    expect((await failure(run([{ $project: { x: { $nope: 1 } } }]))).code).toBe(168)
    expect((await failure(run([{ $project: { x: { $divide: [1, 0] } } }]))).code).toBe(2)
  })
})
