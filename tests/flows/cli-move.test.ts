import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import mongoose, { type mongo } from 'mongoose'
import { readArchive } from '../../bot/cli/archive/read.ts'
import { restoreArchive } from '../../bot/cli/archive/restore.ts'
import { writeArchive } from '../../bot/cli/archive/write.ts'
import { type OpenDatabase, openDatabase } from '../../bot/cli/database.ts'
import { PROGRESS } from '../../bot/cli/move/progress.ts'
import { type EmbeddedStore, openEmbeddedStore } from '../../store/index.ts'
import { cli, startCli } from '../support/cli.ts'

type Item = mongo.Document & { _id?: number | string | object }

const { BSONRegExp, Decimal128, Double, GridFSBucket, Long, ObjectId } = mongoose.mongo
const scratch = mkdtempSync(join(tmpdir(), 'kelian-move-'))
const here = { DATA_DIR: join(scratch, 'here') }
const DOCUMENTS = 5000
/** Another store stands for the MongoDB: it speaks the same protocol, and is reached by its address alone. */
let target: EmbeddedStore
const there = () => ({ ...here, MONGODB_URI: target.uri })

async function within<Result>(uri: string | undefined, work: (database: OpenDatabase) => Promise<Result>): Promise<Result> {
  const database = await openDatabase({ mongodbUri: uri, dataDir: here.DATA_DIR })
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

/** Everything in a database: the bytes of the documents and the indexes of each collection. */
async function contentOf(uri: string | undefined) {
  return within(uri, async ({ db }) => {
    const content: Record<string, unknown> = {}
    for (const { name } of await db.listCollections({}, { nameOnly: true }).toArray()) {
      if (name === PROGRESS) continue
      const collection = db.collection(name)
      const documents = (await collection.find({}, { raw: true }).toArray()) as unknown as Buffer[]
      content[name] = {
        documents: documents.map(bytes => bytes.toString('base64')).sort(),
        indexes: (await collection.indexes()).sort((a, b) => String(a.name).localeCompare(String(b.name))),
      }
    }
    return content
  })
}

beforeAll(async () => {
  target = await openEmbeddedStore({ dataDir: join(scratch, 'there') })
  await within(undefined, async ({ db }) => {
    const rows = Array.from({ length: DOCUMENTS }, (_, index) => ({
      number: `N-${index}`,
      at: new Date(index),
      owner: index % 7,
    }))
    await db.collection('many').insertMany(rows)
    await db.collection('many').createIndexes([
      { key: { number: 1 }, unique: true },
      { key: { owner: 1, at: -1 }, sparse: true },
    ])
    await db.collection('expiring').createIndex({ at: 1 }, { expireAfterSeconds: 3600 })
    await db.collection<Item>('mixed').insertMany([
      { _id: 1, whole: new Double(5), long: Long.fromString('9007199254740993') },
      { _id: 'one', price: Decimal128.fromString('1.10'), pattern: new BSONRegExp('^长', 'i'), nothing: null },
      { _id: { b: 1, a: 2 }, nested: { z: 1, a: [1, { y: null }] } },
      { _id: new ObjectId(), bytes: Buffer.from('长安') },
    ])
    const file = new GridFSBucket(db, { bucketName: 'uploads' }).openUploadStream('合同.pdf')
    await new Promise((resolve, reject) => file.on('error', reject).end(Buffer.alloc(600_000, 7), () => resolve(null)))
  })
})

afterAll(async () => {
  await target.close()
  rmSync(scratch, { recursive: true, force: true, maxRetries: 10 })
})

describe('moving to a MongoDB', () => {
  test('is refused while the service runs: what it wrote meanwhile would be left behind', async () => {
    const service = await openEmbeddedStore({ dataDir: here.DATA_DIR })
    const { code, text } = await cli('move-to-mongodb', [], there())
    await service.close()
    expect(text).toContain('服务还在运行')
    expect(code).toBe(1)
    expect(await contentOf(target.uri)).toEqual({})
  })

  test.each([
    [[], '用法'],
    [['http://example.com'], '用法'],
    [['mongodb://127.0.0.1:1/x', 'more'], '用法'],
  ])('the address %j is refused with a sentence', async (args, words) => {
    expect(await cli('move-to-mongodb', args, here)).toMatchObject({ code: 1, text: expect.stringContaining(words) })
  })

  test('a target that holds other data is left alone', async () => {
    await within(target.uri, ({ db }) => db.collection('theirs').insertOne({ a: 1 }))
    const { code, text } = await cli('move-to-mongodb', [target.uri], here)
    expect(text).toContain('已有别的数据(theirs')
    expect(code).toBe(1)
    await within(target.uri, async ({ db }) => {
      expect(await db.collection('theirs').countDocuments()).toBe(1)
      expect((await db.listCollections().toArray()).map(({ name }) => name)).toEqual(['theirs'])
      await db.dropDatabase()
    })
  })

  test('a run that is killed in the middle goes on where it was, and at the end both sides hold the same', async () => {
    const { child, ended } = startCli('move-to-mongodb', [], there())
    await within(target.uri, async ({ db }) => {
      const progress = db.collection<{ _id: string; documents: number }>(PROGRESS)
      while (((await progress.findOne({ _id: 'many' }))?.documents ?? 0) < 1000) await turn()
      child.kill('SIGKILL')
      await ended
      const left = await progress.findOne({ _id: 'many' })
      expect(left).toMatchObject({ state: 'copying' })
      expect(left?.documents).toBeLessThan(DOCUMENTS)
    })

    const { code, text } = await cli('move-to-mongodb', [], there())
    expect(text).toMatch(/many +5000 条 +3 个索引 +[0-9a-f]{12} +一致/)
    expect(text).toContain('已搬完 5 个集合')
    expect(text).not.toContain(target.uri)
    expect(code).toBe(0)
    expect(await contentOf(target.uri)).toEqual(await contentOf(undefined))
    await within(target.uri, async ({ db }) => {
      const bytes = await new GridFSBucket(db, { bucketName: 'uploads' }).openDownloadStreamByName('合同.pdf').toArray()
      expect(Buffer.concat(bytes)).toEqual(Buffer.alloc(600_000, 7))
    })
  })

  test('a finished move is not done again: the target may be in use by now', async () => {
    await within(target.uri, ({ db }) => db.collection('many').insertOne({ number: 'later' }))
    const { code, text } = await cli('move-to-mongodb', [], there())
    expect(text).toContain('已在')
    expect(code).toBe(1)
    expect(await within(target.uri, ({ db }) => db.collection('many').countDocuments())).toBe(DOCUMENTS + 1)
  })
})

describe('backups while others write', () => {
  test('a backup shows one moment: no transaction is in it by half', async () => {
    await within(undefined, async database => {
      const rows = database.db.collection<Item>('pairs')
      await rows.insertOne({ _id: 'sum', n: 0 })
      let [running, next] = [true, 0]
      const writing = (async () => {
        for (; running; next++) {
          await database.connection.getClient().withSession(session =>
            session.withTransaction(async () => {
              await rows.insertOne({ _id: `left-${next}` }, { session })
              await rows.updateOne({ _id: 'sum' }, { $inc: { n: 1 } }, { session })
              await rows.insertOne({ _id: `right-${next}` }, { session })
            }),
          )
        }
      })()
      for (let round = 0; round < 3; round++) {
        const [enough, file] = [next + 5, join(scratch, `moment-${round}.gz`)]
        while (next < enough) await turn()
        await writeArchive(database, file, new Date(0))
        const found = { left: 0, right: 0, sum: -1 }
        await readArchive(file, {
          async document(line) {
            if (line.includes('"left-')) found.left++
            if (line.includes('"right-')) found.right++
            const sum = /"_id":"sum","n":\{"\$numberInt":"(\d+)"/.exec(line)
            if (sum) found.sum = Number(sum[1])
          },
        })
        expect(found.left).toBeGreaterThanOrEqual(enough)
        expect(found).toEqual({ left: found.left, right: found.left, sum: found.left })
      }
      running = false
      await writing
      await rows.drop()
    })
  })

  test('what was in one database comes back in the other, in either direction', async () => {
    const [first, second] = [join(scratch, 'first.gz'), join(scratch, 'second.gz')]
    await within(target.uri, async ({ db }) => db.dropDatabase())
    const before = await within(undefined, database => writeArchive(database, first, new Date(0)))
    await within(target.uri, database => restoreArchive(database, first, { force: false }))
    // The store that stands for MongoDB has no snapshot sessions: it is read as what it is.
    const after = await within(target.uri, database => writeArchive({ ...database, isEmbedded: true }, second, new Date(0)))
    expect(after).toEqual(before)
    expect(await contentOf(target.uri)).toEqual(await contentOf(undefined))
    await within(undefined, database => restoreArchive(database, second, { force: true }))
    expect(await contentOf(undefined)).toEqual(await contentOf(target.uri))
  })

  test('a restore that does not come to its end leaves everything as it was', async () => {
    const file = join(scratch, 'first.gz')
    const before = await contentOf(undefined)
    await within(undefined, async database => {
      const failing = new Proxy(database.db, {
        get: (db, name) => {
          if (name !== 'createCollection') return Reflect.get(db, name).bind?.(db) ?? Reflect.get(db, name)
          return (collection: string) => {
            if (collection.endsWith('mixed')) throw new Error('killed')
            return db.createCollection(collection)
          }
        },
      })
      await expect(restoreArchive({ ...database, db: failing }, file, { force: true })).rejects.toThrow('killed')
    })
    expect(await contentOf(undefined)).toEqual(before)
    expect(readFileSync(file).length).toBeGreaterThan(0)
  })

  test('a restore while others read: at every moment there is a whole collection', async () => {
    await within(undefined, async database => {
      const many = database.db.collection('many')
      let running = true
      const seen = new Set<number>()
      const reading = (async () => {
        while (running) seen.add(await many.countDocuments())
      })()
      await restoreArchive(database, join(scratch, 'first.gz'), { force: true })
      running = false
      await reading
      expect([...seen]).toEqual([DOCUMENTS])
    })
  })
})
