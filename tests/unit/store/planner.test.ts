import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Binary, Decimal128, Double, ObjectId } from 'bson'
import fc from 'fast-check'
import { type Doc, decode, encode } from '../../../store/bson/index.ts'
import { Database } from '../../../store/data/index.ts'
import { find, pause } from '../../../store/query/index.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'kelian-planner-'))
let database: Database

const field = fc.constantFrom('a', 'b', 'c.d', 'list')
const numbers = [
  1n,
  2n ** 53n + 1n,
  new Double(2),
  2.5,
  -0,
  Number.NaN,
  Decimal128.fromString('2.50'),
  Decimal128.fromString('9007199254740993'),
]
const others = [
  null,
  'x',
  'y',
  'xy',
  '',
  true,
  false,
  new Date(0),
  new Date(5),
  new ObjectId('000000000000000000000001'),
  new Binary(Buffer.from('x')),
]
const small = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom<unknown>(...numbers), fc.constantFrom<unknown>(...others))
const doc = fc.record(
  {
    a: fc.oneof(small, fc.array(small, { maxLength: 3 })),
    b: small,
    c: fc.oneof(fc.record({ d: small }), fc.array(fc.record({ d: small }), { maxLength: 3 })),
    list: fc.oneof(fc.array(small, { maxLength: 3 }), fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 3 })),
  },
  { requiredKeys: [] },
)
const condition = fc.oneof(
  small,
  small.map(value => ({ $gt: value })),
  small.map(value => ({ $lte: value })),
  fc.tuple(small, small).map(([low, high]) => ({ $gte: low, $lt: high })),
  fc.array(small, { minLength: 1, maxLength: 3 }).map(list => ({ $in: list })),
  small.map(value => ({ $ne: value })),
  fc.array(small, { minLength: 1, maxLength: 3 }).map(list => ({ $nin: list })),
  fc.array(small, { minLength: 1, maxLength: 2 }).map(list => ({ $all: list })),
  small.map(value => ({ $not: { $gte: value } })),
  fc.array(small, { maxLength: 2 }),
  fc.constantFrom('number', 'string', 'null', 'array', 'object').map(type => ({ $type: type })),
  fc.integer({ min: 0, max: 3 }).map(size => ({ $size: size })),
  fc.tuple(small, small).map(([low, high]) => ({ $elemMatch: { $gte: low, $lte: high } })),
  fc.boolean().map(wanted => ({ $exists: wanted })),
  fc.constantFrom({ $regex: '^x' }, { $regex: 'y$' }),
)
const simple: fc.Arbitrary<Doc> = fc.dictionary(field, condition, { maxKeys: 3 })
// What many documents match, so that their order shows.
const digit = fc.integer({ min: 0, max: 1 })
const common: fc.Arbitrary<Doc> = fc.oneof(
  digit.map(value => ({ list: value })),
  digit.map(value => ({ a: value })),
  digit.map(value => ({ list: { $gte: value } })),
)
const filter: fc.Arbitrary<Doc> = fc.oneof(
  common,
  simple,
  fc.array(simple, { minLength: 1, maxLength: 2 }).map(list => ({ $or: list })),
  fc.tuple(simple, simple).map(([left, right]) => ({ $and: [left, right] })),
)
const sort: fc.Arbitrary<Doc> = fc.oneof(
  fc.dictionary(fc.constantFrom('a', 'b', 'c.d', 'list', '_id'), fc.constantFrom(1, -1), { maxKeys: 2 }),
  fc.constantFrom<Doc>(
    { b: 1, _id: 1 },
    { b: -1, _id: -1 },
    { list: 1, b: -1, _id: -1 },
    { list: -1, b: 1, _id: 1 },
    { a: 1, b: 1, _id: 1 },
  ),
)

const indexes: Doc[] = [
  { key: { a: 1, b: -1 }, name: 'ab' },
  { key: { b: 1 }, name: 'b' },
  { key: { 'c.d': -1, a: 1 }, name: 'cd' },
  { key: { list: 1 }, name: 'list' },
  // With the id at the end they can give the order of a sort.
  { key: { list: 1, b: -1, _id: -1 }, name: 'list in order' },
  { key: { a: 1, b: 1, _id: 1 }, name: 'a in order' },
  { key: { b: 1, _id: 1 }, name: 'b in order' },
  { key: { b: 1, a: 1 }, name: 'sparse', sparse: true },
  { key: { a: -1 }, name: 'partial', partialFilterExpression: { b: { $gt: 1 } } },
]

beforeAll(() => {
  database = new Database(path.join(folder, 'db.mdb'), Date.now, 0, error => {
    throw error
  })
})

afterAll(async () => {
  await database.close()
  rmSync(folder, { recursive: true, force: true })
})

function read(ns: string, query: Doc, order: Doc): Doc[] {
  const rows = find(database, database.catalogue.get(ns), {
    filter: query,
    sort: order,
    projection: {},
    skip: 0,
    limit: 0,
    hint: undefined,
    context: {},
    transaction: null,
  })
  return [...rows].filter(row => row !== pause).map(row => decode(row as Buffer))
}

test('an index never changes what a query finds, nor the order of a sort', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(doc, { maxLength: 12 }),
      fc.array(fc.tuple(filter, sort), { minLength: 5, maxLength: 5 }),
      async (docs, queries) => {
        run++
        const [plain, indexed] = [`t.plain${run}`, `t.indexed${run}`]
        await database.write(() => {
          for (const ns of [plain, indexed]) {
            const collection = database.ensureCollection(ns, null)
            if (ns === indexed) for (const spec of indexes) if (!clashes(docs)) database.catalogue.addIndex(collection, spec)
            for (const [_id, body] of docs.entries()) {
              const stored = decode(encode({ _id, ...body }))
              database.insert(collection, stored, encode(stored), null)
            }
          }
        })
        const withId = (order: Doc) => ({ ...order, ...('_id' in order ? {} : { _id: 1 }) })
        for (const [query, order] of queries) {
          expect(read(indexed, query, withId(order))).toEqual(read(plain, query, withId(order)))
          expect(
            read(indexed, query, {})
              .map(found => found._id)
              .sort(),
          ).toEqual(
            read(plain, query, {})
              .map(found => found._id)
              .sort(),
          )
        }
      },
    ),
    { numRuns: 120 },
  )
})

/** Two arrays in one document cannot share a compound index, as in MongoDB. */
const clashes = (docs: Doc[]) => docs.some(({ a, c }) => Array.isArray(a) && Array.isArray(c))
