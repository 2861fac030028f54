import { beforeAll, describe, expect, test } from '@jest/globals'
import { Binary, Decimal128, Double, Long, ObjectId } from 'mongodb'
import { failure, type Item, useServer } from './server.ts'

const server = useServer()
const rows = () => server.db.collection<Item>('rows')
const oid = new ObjectId('0123456789abcdef01234567')
const day = new Date('2026-03-05T10:00:00Z')

beforeAll(() =>
  rows().insertOne({
    _id: 1,
    n: 7,
    half: new Double(2.5),
    digits: '12',
    list: [3, 1, 2],
    people: [{ age: 30 }, { age: 20 }, {}],
    dotted: { 'a.b': 1, $c: 2 },
    none: null,
    day,
    bytes: new Binary(Buffer.alloc(5)),
  }),
)

async function evaluated(expression: unknown): Promise<unknown> {
  const [doc] = await rows()
    .aggregate([{ $project: { _id: 0, value: expression } }])
    .toArray()
  return doc?.value
}

describe('expressions give what the manual says', () => {
  test.each<[string, unknown, unknown]>([
    ['$ne, $lte and $gt', [{ $ne: ['$n', 7] }, { $lte: ['$n', 7] }, { $gt: ['$n', 7] }], [false, true, false]],
    [
      '$cmp orders types too',
      [{ $cmp: ['$n', 8] }, { $cmp: ['$n', 'a'] }, { $cmp: ['b', 'a'] }, { $cmp: [1, 1] }],
      [-1, -1, 1, 0],
    ],
    [
      'a missing field is below null',
      [{ $eq: ['$none', null] }, { $eq: ['$missing', null] }, { $lt: ['$missing', null] }],
      [true, false, true],
    ],
    [
      '$and and $or of nothing',
      [{ $and: [] }, { $or: [] }, { $and: ['$n', '$none'] }, { $or: ['$none', '$n'] }],
      [true, false, false, true],
    ],
    [
      '$add of numbers, and of a date',
      [{ $add: ['$n', '$half'] }, { $add: ['$day', 1000] }],
      [9.5, new Date(day.getTime() + 1000)],
    ],
    ['arithmetic with null is null', [{ $add: ['$n', '$none'] }, { $mod: ['$missing', 2] }], [null, null]],
    ['$mod keeps the sign of what is divided', [{ $mod: [-7, 3] }, { $mod: [7, -3] }], [-1, 1]],
    [
      '$min, $max, $sum and $avg of a list',
      [{ $min: '$list' }, { $max: '$list' }, { $sum: '$list' }, { $avg: '$list' }],
      [1, 3, 6, 2],
    ],
    [
      '$stdDevPop and $stdDevSamp',
      [{ $stdDevPop: [1, 3] }, { $stdDevSamp: [1, 3] }, { $stdDevSamp: [1] }],
      [1, Math.SQRT2, null],
    ],
    [
      '$toInt and $toLong cut',
      [{ $toInt: '$half' }, { $toInt: '$digits' }, { $toLong: '$half' }, { $toLong: '$day' }],
      [2, 12, 2, day.getTime()],
    ],
    [
      '$toInt and $toLong at their limits',
      [
        { $toInt: -2147483648 },
        { $type: { $toLong: '9223372036854775807' } },
        { $toString: { $toLong: '-9223372036854775808' } },
      ],
      [-2147483648, 'long', '-9223372036854775808'],
    ],
    ['$toDate of a text without a zone is of UTC', [{ $toDate: '2026-03-05T10:00:00' }], [new Date('2026-03-05T10:00:00Z')]],
    ['$toDouble and $toDecimal', [{ $toDouble: '2.5' }, { $toDecimal: '1.10' }], [2.5, Decimal128.fromString('1.10')]],
    [
      'conversions give the type they name',
      [{ $type: { $toInt: '$digits' } }, { $type: { $toLong: 1 } }, { $type: { $toDouble: 1 } }],
      ['int', 'long', 'double'],
    ],
    [
      '$toDate',
      [{ $toDate: Long.fromNumber(day.getTime()) }, { $toDate: '2026-03-05T10:00:00Z' }, { $toDate: oid }],
      [day, day, oid.getTimestamp()],
    ],
    ['$toObjectId and $toString', [{ $toObjectId: oid.toHexString() }, { $toString: oid }], [oid, oid.toHexString()]],
    ['$toBool', [{ $toBool: 0 }, { $toBool: '' }, { $toBool: '$day' }, { $toBool: '$none' }], [false, true, true, null]],
    [
      '$convert has ways out',
      [{ $convert: { input: 'x', to: 'int', onError: -1 } }, { $convert: { input: '$none', to: 'int', onNull: 0 } }],
      [-1, 0],
    ],
    ['$convert by number', { $convert: { input: '$n', to: 2 } }, '7'],
    ['$binarySize counts bytes', [{ $binarySize: '客' }, { $binarySize: '$bytes' }], [3, 5]],
    [
      '$isNumber and $isArray',
      [{ $isNumber: '$half' }, { $isNumber: '$digits' }, { $isArray: '$list' }, { $isArray: ['$n'] }],
      [true, false, true, false],
    ],
    ['$first and $last', [{ $first: '$list' }, { $last: '$list' }], [3, 2]],
    ['$concatArrays', [{ $concatArrays: ['$list', [4]] }, { $concatArrays: ['$list', '$none'] }], [[3, 1, 2, 4], null]],
    [
      '$reverseArray and $indexOfArray',
      [{ $reverseArray: '$list' }, { $indexOfArray: ['$list', 2] }, { $indexOfArray: ['$list', 9] }],
      [[2, 1, 3], 2, -1],
    ],
    ['$sortArray of values', { $sortArray: { input: '$list', sortBy: -1 } }, [3, 2, 1]],
    ['$sortArray of documents', { $sortArray: { input: '$people', sortBy: { age: 1 } } }, [{}, { age: 20 }, { age: 30 }]],
    [
      '$setIntersection and $setDifference',
      [{ $setIntersection: ['$list', [2, 3, 9]] }, { $setDifference: ['$list', [1]] }],
      [
        [2, 3],
        [2, 3],
      ],
    ],
    [
      '$setEquals and $setIsSubset',
      [{ $setEquals: ['$list', [1, 2, 3, 3]] }, { $setIsSubset: [[1], '$list'] }, { $setIsSubset: [[9], '$list'] }],
      [true, true, false],
    ],
    [
      '$regexFind',
      { $regexFind: { input: '客联 12-34', regex: '(\\d+)-(\\d+)' } },
      { match: '12-34', idx: 3, captures: ['12', '34'] },
    ],
    ['$regexFind of nothing', { $regexFind: { input: 'a', regex: 'b' } }, null],
    [
      '$regexFindAll',
      { $regexFindAll: { input: 'aXbX', regex: 'x', options: 'i' } },
      [
        { match: 'X', idx: 1, captures: [] },
        { match: 'X', idx: 3, captures: [] },
      ],
    ],
    ['$literal is taken as it is', { $literal: { $add: [1, '$n'] } }, { $add: [1, '$n'] }],
    [
      '$getField reaches names that paths cannot',
      [{ $getField: { field: 'a.b', input: '$dotted' } }, { $getField: 'n' }],
      [1, 7],
    ],
    [
      '$setField and $unsetField',
      { $unsetField: { field: 'a.b', input: { $setField: { field: 'd', input: '$dotted', value: 3 } } } },
      { $c: 2, d: 3 },
    ],
  ])('%s', async (_, expression, expected) => {
    const sorted = (value: unknown) =>
      Array.isArray(value) && value.every(item => typeof item === 'number') ? value.toSorted() : value
    const value = await evaluated(expression)
    // The order of a set is not defined.
    const isSets = JSON.stringify(expression).includes('"$setI')
    expect(isSets && Array.isArray(value) ? value.map(sorted) : value).toEqual(expected)
  })

  test.each<[string, unknown, number]>([
    ['$toInt of a text that is no number', { $toInt: 'x' }, 241],
    ['$toInt of too much', { $toInt: 3e9 }, 241],
    ['$toInt of one too much', { $toInt: 2147483648 }, 241],
    ['$toLong of one too much', { $toLong: 2 ** 63 }, 241],
    ['$toLong of a text of one too much', { $toLong: '9223372036854775808' }, 241],
    ['$mod by zero', { $mod: [1, 0] }, 16610],
    ['$size of no list', { $size: '$n' }, 17124],
    ['$in of no list', { $in: [1, '$n'] }, 40081],
    ['$add of a text', { $add: ['$n', '$digits'] }, 14],
  ])('%s is refused with its code', async (_, expression, code) => {
    expect(await failure(evaluated(expression))).toMatchObject({ code })
  })
})
