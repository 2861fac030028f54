import { beforeAll, describe, expect, test } from '@jest/globals'
import type { Document } from 'mongodb'
import { failure, useServer } from './server.ts'

const server = useServer(true)
const english = { locale: 'en', strength: 1 } as const
const rows = () => server.db.collection('rows')
const run = (command: Document) => server.db.command(command)
const pipeline = (stage: Document) => rows().aggregate([stage]).toArray()

beforeAll(() => rows().insertOne({ s: 'a' }))

describe('what MongoDB has and the embedded store has not is refused with its code', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['a collation of a collection', () => server.db.createCollection('c', { collation: english })],
    ['a collation of an index', () => rows().createIndex({ s: 1 }, { collation: english })],
    [
      'a collation beside $group',
      () =>
        rows()
          .aggregate([{ $group: { _id: '$s' } }], { collation: english })
          .toArray(),
    ],
    ['a collation beside $expr', () => rows().findOne({ $expr: { $eq: ['$s', 'a'] } }, { collation: english })],
    ['a collation beside an update by pipeline', () => rows().updateOne({}, [{ $set: { a: 1 } }], { collation: english })],
    ['validationAction: warn', () => run({ create: 'c', validator: { a: 1 }, validationAction: 'warn' })],
    ['validationAction: warn, later', () => run({ collMod: 'rows', validationAction: 'warn' })],
    ['prepareUnique', () => run({ collMod: 'rows', index: { name: '_id_', prepareUnique: true } })],
    ['images for change streams', () => run({ create: 'c', changeStreamPreAndPostImages: { enabled: true } })],
    ['a change stream', () => pipeline({ $changeStream: {} })],
    ['a capped collection', () => run({ create: 'c', capped: true, size: 1000 })],
    ['a clustered collection', () => run({ create: 'c', clusteredIndex: { key: { _id: 1 }, unique: true } })],
    ['a time-series collection', () => run({ create: 'c', timeseries: { timeField: 't' } })],
    ['read concern snapshot outside a transaction', () => run({ find: 'rows', readConcern: { level: 'snapshot' } })],
    ['a text index', () => rows().createIndex({ s: 'text' })],
    ['a geo index', () => rows().createIndex({ s: '2dsphere' })],
    ['a wildcard index', () => rows().createIndex({ '$**': 1 })],
    ['a geo query', () => rows().findOne({ s: { $near: [1, 2] } })],
    ['$where', () => rows().findOne({ $where: 'true' })],
    ['$jsonSchema', () => rows().findOne({ $jsonSchema: {} })],
    ...['$setWindowFields', '$densify', '$fill', '$redact', '$geoNear', '$search', '$indexStats', '$collStats', '$currentOp'].map(
      (name): [string, () => Promise<unknown>] => [name, () => pipeline({ [name]: {} })],
    ),
  ])('%s', async (_, work) => {
    expect(await failure(work())).toMatchObject({
      code: 115,
      message: expect.stringMatching(/not supported by the embedded store/),
    })
  })

  test.each<[string, () => Promise<unknown>, number]>([
    ['a text query without its index', () => rows().findOne({ $text: { $search: 'a' } }), 27],
    ['$function', () => pipeline({ $project: { x: { $function: { body: 'f', args: [], lang: 'js' } } } }), 168],
    ['users', () => run({ createUser: 'u', pwd: 'p', roles: [] }), 59],
    ['roles', () => run({ createRole: 'r', privileges: [], roles: [] }), 59],
    ['other machines', () => server.db.admin().command({ replSetGetStatus: 1 }), 59],
    ['an option that the command has not', () => run({ find: 'rows', fast: true }), 40415],
  ])('%s', async (_, work, code) => {
    expect(await failure(work())).toMatchObject({ code })
  })
})

test('sizes that are not known are not made up', async () => {
  const stats = [await run({ collStats: 'rows' }), await run({ dbStats: 1 })]
  for (const name of ['size', 'storageSize', 'dataSize', 'indexSize', 'indexSizes'])
    expect(stats.map(stat => stat[name])).toEqual([undefined, undefined])
  const { totalSize, databases } = await server.db.admin().command({ listDatabases: 1 })
  expect(totalSize).toBeGreaterThan(4096)
  expect(databases[0]).not.toHaveProperty('sizeOnDisk')
})
