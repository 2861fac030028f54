import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import mongoose, { type Connection, Schema } from 'mongoose'
import { createGroupWrite } from '../../../models/kernel/group-write.ts'
import { type EmbeddedStore, openEmbeddedStore } from '../../../store/index.ts'

interface Row {
  _id: string
  revision: number
}

const dataDir = mkdtempSync(join(tmpdir(), 'kelian-group-write-'))
let store: EmbeddedStore
let connection: Connection
beforeAll(async () => {
  store = await openEmbeddedStore({ dataDir })
  connection = await mongoose.createConnection(store.uri).asPromise()
})
beforeEach(() => rows().deleteMany({}))
afterAll(async () => {
  await connection.close()
  await store.close()
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 })
})

const model = () => connection.models.Row ?? connection.model<Row>('Row', new Schema({ _id: String, revision: Number }), 'rows')
const rows = () => connection.collection<Row>('rows')

/**
 * The writer of a process to which it happens, as on MongoDB between its look and its insert, that a rival with another revision is faster:
 * so often its insert meets the rival's row.
 */
function overtaken(rival: number, times: number) {
  const met: Row[] = []
  const collection = new Proxy(rows(), {
    get(target, name) {
      if (name !== 'bulkWrite') return Reflect.get(target, name)
      return async (statements: never[], options: object) => {
        if (met.length >= times) return target.bulkWrite(statements, options)
        met.push({ _id: 'a', revision: rival })
        await target.updateOne({ _id: 'a' }, { $set: { revision: rival } }, { upsert: true })
        return target.bulkWrite([{ insertOne: { document: { _id: 'a', revision: rival } } }], options)
      }
    },
  })
  const { writeLater } = createGroupWrite<Row>({ collection, exists: (filter: never) => model().exists(filter) } as never)
  const replacement = { _id: 'a', revision: 6 }
  return writeLater({ replaceOne: { filter: { _id: 'a', revision: { $lt: 6 } }, replacement, upsert: true } })
}
const revision = async () => (await rows().findOne({ _id: 'a' }))?.revision

test('a row that an earlier revision made in the meantime is replaced', async () => {
  await overtaken(5, 1)
  expect(await revision()).toBe(6)
})

test('a row that a later revision made in the meantime stays', async () => {
  await overtaken(7, 1)
  expect(await revision()).toBe(7)
})

test('what is in the way again and again is said', async () => {
  await expect(overtaken(5, 2)).rejects.toMatchObject({ code: 11000 })
  expect(await revision()).toBe(5)
})
