import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Collection, MongoClient } from 'mongodb'
import { type EmbeddedStore, openEmbeddedStore } from '../../../store/index.ts'
import { failure, type Item } from './failure.ts'
import { storePid, until } from './kills.ts'

const dataDir = mkdtempSync(path.join(os.tmpdir(), 'kelian-long-'))
const DOCUMENTS = 30_000
let store: EmbeddedStore
let client: MongoClient
let other: MongoClient

beforeAll(async () => {
  store = await openEmbeddedStore({ dataDir })
  client = await MongoClient.connect(store.uri)
  other = await MongoClient.connect(store.uri, { maxPoolSize: 1 })
})
afterAll(async () => {
  await client.close()
  await other.close()
  await store.close()
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 })
})

async function filled(name: string): Promise<Collection<Item>> {
  const rows = client.db().collection<Item>(name)
  await rows.insertMany(
    Array.from({ length: DOCUMENTS }, (_, index) => ({ _id: index, n: 0, name: `name-${index}`, group: index % 10 })),
  )
  return rows
}

/** Runs something long while another client reads, and tells how often it was answered meanwhile. */
async function answersDuring<T>(work: Promise<T>): Promise<{ result: T; answers: number }> {
  let [running, answers] = [true, 0]
  const reading = (async () => {
    for (; running; answers++) await other.db().command({ ping: 1 })
  })()
  try {
    const result = await work
    return { result, answers }
  } finally {
    running = false
    await reading
  }
}

describe('statements that concern many documents', () => {
  test('change each of them once, and others are served meanwhile', async () => {
    const rows = await filled('updated')
    const { result, answers } = await answersDuring(rows.updateMany({ group: { $lt: 5 } }, { $inc: { n: 1 } }))
    expect(result).toMatchObject({ matchedCount: DOCUMENTS / 2, modifiedCount: DOCUMENTS / 2 })
    expect(answers).toBeGreaterThan(5)
    expect(await rows.countDocuments({ n: 1 })).toBe(DOCUMENTS / 2)
    expect(await rows.countDocuments({ n: 0 })).toBe(DOCUMENTS / 2)
    const removed = await answersDuring(rows.deleteMany({ group: { $gte: 5 } }))
    expect(removed.result.deletedCount).toBe(DOCUMENTS / 2)
    expect(removed.answers).toBeGreaterThan(5)
    expect(await rows.countDocuments()).toBe(DOCUMENTS / 2)
  })

  test('wait for a transaction that holds one of them, and still change each once', async () => {
    const rows = await filled('held')
    const session = client.startSession()
    session.startTransaction()
    await rows.updateOne({ _id: DOCUMENTS / 2 }, { $inc: { n: 100 } }, { session })
    const updating = rows.updateMany({}, { $inc: { n: 1 } })
    // It has come as far as it can: everything before the one that is held.
    while ((await other.db().collection('held').countDocuments({ n: 1 })) < DOCUMENTS / 2);
    await session.commitTransaction()
    expect(await updating).toMatchObject({ matchedCount: DOCUMENTS, modifiedCount: DOCUMENTS })
    expect(await rows.countDocuments({ n: 1 })).toBe(DOCUMENTS - 1)
    expect(await rows.findOne({ _id: DOCUMENTS / 2 })).toMatchObject({ n: 101 })
    await session.endSession()
  })

  test('a single one among many, found without an index, is changed once and given back', async () => {
    const rows = await filled('picked')
    const sort = { name: -1 } as const
    const first = await rows.findOneAndUpdate({ group: 3, n: 0 }, { $inc: { n: 1 } }, { sort, returnDocument: 'after' })
    expect(first).toMatchObject({ name: 'name-9993', n: 1 })
    expect(await rows.findOneAndDelete({ group: 3, n: 0 }, { sort })).toMatchObject({ name: 'name-9983' })
    expect(await rows.updateOne({ name: 'nobody' }, { $set: { n: 7 } }, { upsert: true })).toMatchObject({ upsertedCount: 1 })
    expect(await rows.countDocuments()).toBe(DOCUMENTS)
    const takers = await Promise.all(
      Array.from({ length: 8 }, () => rows.findOneAndUpdate({ group: 4, n: 0 }, { $inc: { n: 1 } }, { sort })),
    )
    expect(new Set(takers.map(taken => taken?._id)).size).toBe(8)
  })

  test.each([
    ['find', (rows: Collection<Item>) => rows.find({ name: 'nobody' }, { maxTimeMS: 1 }).toArray()],
    ['sort', (rows: Collection<Item>) => rows.find({}, { sort: { name: -1 }, maxTimeMS: 5 }).toArray()],
    ['$group', (rows: Collection<Item>) => rows.aggregate([{ $group: { _id: '$name' } }], { maxTimeMS: 5 }).toArray()],
    ['updateMany', (rows: Collection<Item>) => rows.updateMany({}, { $inc: { n: 1 } }, { maxTimeMS: 5 })],
    ['deleteMany', (rows: Collection<Item>) => rows.deleteMany({ name: /x/ }, { maxTimeMS: 5 })],
    ['distinct', (rows: Collection<Item>) => rows.distinct('name', {}, { maxTimeMS: 2 })],
    ['createIndex', (rows: Collection<Item>) => rows.createIndex({ n: 1, name: 1 }, { maxTimeMS: 5 })],
  ])('%s ends with code 50 once its time is over', async (_, work) => {
    const rows = client.db().collection<Item>('limited')
    if ((await rows.estimatedDocumentCount()) === 0) await filled('limited')
    expect(await failure(work(rows))).toMatchObject({ code: 50, codeName: 'MaxTimeMSExpired' })
  })
})

describe('an index over many documents', () => {
  test('is built while others read and write, and knows what they wrote', async () => {
    const rows = await filled('indexed')
    let running = true
    const writing = (async () => {
      for (let turn = 0; running; turn++) {
        const near = (turn * 977) % DOCUMENTS
        await rows.updateOne({ _id: near }, { $set: { name: `other-${turn}` } })
        await rows.deleteOne({ _id: DOCUMENTS - 1 - turn })
        await rows.insertOne({ _id: DOCUMENTS + turn, name: `new-${turn}` })
      }
    })()
    const { answers } = await answersDuring(rows.createIndex({ name: 1 }))
    running = false
    await writing
    expect(answers).toBeGreaterThan(5)
    for (const start of ['name', 'other', 'new']) {
      const filter = { name: { $gte: `${start}-`, $lt: `${start}.` } }
      const by = async (hint: object) => (await rows.find(filter, { hint, sort: { _id: 1 } }).toArray()).map(({ _id }) => _id)
      expect(await by({ name: 1 })).toEqual(await by({ $natural: 1 }))
    }
  })

  test('a unique one that cannot be leaves nothing behind', async () => {
    const rows = await filled('doubled')
    await rows.updateOne({ _id: DOCUMENTS - 1 }, { $set: { name: 'name-0' } })
    expect(await failure(rows.createIndex({ name: 1 }, { unique: true }))).toMatchObject({ code: 11000 })
    expect((await rows.indexes()).map(({ name }) => name)).toEqual(['_id_'])
    await rows.updateOne({ _id: DOCUMENTS - 1 }, { $set: { name: 'name-last' } })
    await rows.createIndex({ name: 1 }, { unique: true })
    expect(await failure(rows.insertOne({ name: 'name-0' }))).toMatchObject({ code: 11000 })
  })

  test('waits for a transaction that has already changed the collection', async () => {
    const rows = client.db().collection<Item>('waiting')
    await rows.insertOne({ _id: 1, name: 'a' })
    const session = client.startSession()
    session.startTransaction()
    await rows.insertOne({ _id: 2, name: 'a' }, { session })
    const building = failure(rows.createIndex({ name: 1 }, { unique: true }))
    for (let turn = 0; turn < 5; turn++) await other.db().collection('elsewhere').insertOne({ turn })
    await session.commitTransaction()
    await session.endSession()
    expect(await building).toMatchObject({ code: 11000 })
  })

  test('after a kill in the middle it is not there, and can be built anew', async () => {
    const rows = await filled('killed')
    const building = rows.createIndex({ group: 1, name: 1 }).catch(() => 'cut off')
    while ((await other.db().collection('killed').indexes()).length < 2);
    process.kill(storePid(dataDir), 'SIGKILL')
    await building
    await rows.dropIndexes()
    await rows.createIndex({ group: 1, name: 1 })
    const found = await rows.find({ group: 7 }, { sort: { name: 1 }, hint: { group: 1, name: 1 } }).toArray()
    expect(found.length).toBe(DOCUMENTS / 10)
  })
})

test('a large collection is dropped at once, others are served, and one of the same name begins empty', async () => {
  const rows = await filled('dropped')
  await rows.createIndex({ name: 1 })
  const { answers } = await answersDuring(
    (async () => {
      await rows.drop()
      expect(await rows.countDocuments()).toBe(0)
      await rows.insertOne({ _id: 1, name: 'new' })
      await rows.createIndex({ name: 1 })
      expect(await rows.find({ name: { $gte: 'n' } }).toArray()).toEqual([{ _id: 1, name: 'new' }])
    })(),
  )
  expect(answers).toBeGreaterThan(0)
  const pid = storePid(dataDir)
  process.kill(pid, 'SIGKILL')
  await until(() => storePid(dataDir, pid) !== pid, 10_000)
  expect(await rows.find({}, { hint: { name: 1 } }).toArray()).toEqual([{ _id: 1, name: 'new' }])
})
