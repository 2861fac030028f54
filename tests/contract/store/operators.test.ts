import { beforeAll, describe, expect, test } from '@jest/globals'
import { Binary, type Document } from 'mongodb'
import { failure, type Item, useServer } from './server.ts'

const server = useServer()

describe('less common operators', () => {
  beforeAll(async () => {
    await server.db.collection<Item>('rare').insertMany([
      { _id: 1, n: 5, b: new Binary(Buffer.from([5])), s: 'x' },
      { _id: 2, n: 10, list: [{ v: 1 }, { v: 2 }] },
      { _id: 3, n: 0, none: null },
    ])
  })

  const cases: [Document, number[]][] = [
    [{ n: { $bitsAllSet: 5 } }, [1]],
    [{ n: { $bitsAllClear: [0, 2] } }, [2, 3]],
    [{ n: { $bitsAnySet: 3 } }, [1, 2]],
    [{ n: { $bitsAnyClear: 15 } }, [1, 2, 3]],
    [{ n: { $eq: 5 }, $comment: 'why' }, [1]],
    [{ s: { $regex: 'X', $options: 'i' } }, [1]],
    [{ none: { $type: 'null' } }, [3]],
    [{ list: { $all: [{ $elemMatch: { v: 1 } }, { $elemMatch: { v: 2 } }] } }, [2]],
  ]
  test.each(cases)('%j', async (filter, expected) => {
    const found = await server.db
      .collection<Item>('rare')
      .find(filter, { sort: { _id: 1 } })
      .toArray()
    expect(found.map(doc => doc._id)).toEqual(expected)
  })

  test('$currentDate sets date and timestamp', async () => {
    const rare = server.db.collection<Item>('rare')
    await rare.updateOne({ _id: 3 }, { $currentDate: { at: { $type: 'date' }, ts: { $type: 'timestamp' } } })
    const doc = await rare.findOne({ _id: 3 })
    expect(doc?.at).toBeInstanceOf(Date)
    expect(doc?.ts?._bsontype).toBe('Timestamp')
  })

  test('$sample, $documents, $bucketAuto, $addFields and $replaceWith', async () => {
    const rare = server.db.collection<Item>('rare')
    expect((await rare.aggregate([{ $sample: { size: 2 } }]).toArray()).length).toBe(2)
    expect(await server.db.aggregate([{ $documents: [{ a: 1 }] }]).toArray()).toEqual([{ a: 1 }])
    const halves = await rare.aggregate([{ $bucketAuto: { groupBy: '$n', buckets: 2 } }]).toArray()
    expect(halves.reduce((sum, { count }) => sum + count, 0)).toBe(3)
    expect(
      await rare.aggregate([{ $match: { _id: 2 } }, { $addFields: { m: '$n' } }, { $replaceWith: { m: '$m' } }]).toArray(),
    ).toEqual([{ m: 10 }])
  })
})

describe('administration', () => {
  test('the server describes itself', async () => {
    expect((await server.db.command({ buildInfo: 1 })).versionArray[0]).toBeGreaterThanOrEqual(6)
    expect((await server.db.admin().command({ serverStatus: 1 })).connections.current).toBeGreaterThan(0)
    expect(await server.db.command({ connectionStatus: 1 })).toHaveProperty('authInfo')
    expect(await server.db.admin().command({ getParameter: 1, featureCompatibilityVersion: 1 })).toHaveProperty(
      'featureCompatibilityVersion',
    )
    expect((await server.db.command({ dbStats: 1 })).collections).toBeGreaterThan(0)
    expect((await server.db.command({ collStats: 'rare' })).count).toBe(3)
    const shown = [{ $listLocalSessions: {} }, { $limit: 1 }, { $project: { _id: 0, used: { $type: '$lastUse' } } }]
    expect(await server.db.aggregate(shown).toArray()).toEqual([{ used: 'date' }])
    const { databases } = await server.db.admin().command({ listDatabases: 1 })
    expect(databases.map(({ name }: Document) => name)).toContain(server.db.databaseName)
  })

  test('collections are renamed and changed', async () => {
    await server.db.collection('before').insertOne({ a: 1 })
    await server.db
      .admin()
      .command({ renameCollection: `${server.db.databaseName}.before`, to: `${server.db.databaseName}.after` })
    expect(await server.db.collection('after').countDocuments()).toBe(1)
    await server.db.collection('after').createIndex({ at: 1 }, { expireAfterSeconds: 100 })
    await server.db.command({ collMod: 'after', index: { name: 'at_1', expireAfterSeconds: 200 }, validator: { a: 1 } })
    expect((await server.db.collection('after').indexes())[1]?.expireAfterSeconds).toBe(200)
    expect((await failure(server.db.collection('after').insertOne({ a: 2 }))).code).toBe(121)
    expect((await server.db.command({ distinct: 'after', key: 'a' })).values).toEqual([1])
    expect((await server.db.command({ count: 'after' })).n).toBe(1)
    await expect(server.db.command({ drop: 'after' })).resolves.toMatchObject({ ok: 1 })
  })
})
