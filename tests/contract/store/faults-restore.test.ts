import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { MongoClient } from 'mongodb'
import { openEmbeddedStore } from '../../../store/index.ts'
import { cli } from '../../support/cli.ts'
import { failure, type Item } from './failure.ts'

const scratch = mkdtempSync(path.join(os.tmpdir(), 'kelian-restore-'))
const dataDir = path.join(scratch, 'data')
const folder = path.join(dataDir, 'store')
const file = path.join(folder, 'db.mdb')
const backup = path.join(scratch, 'good.backup.gz')
const here = { DATA_DIR: dataDir }

async function inStore<T>(work: (client: MongoClient) => Promise<T>): Promise<T> {
  const store = await openEmbeddedStore({ dataDir })
  const client = await MongoClient.connect(store.uri)
  try {
    return await work(client)
  } finally {
    await client.close()
    await store.close()
  }
}

const kept = () => readdirSync(folder).filter(name => name.startsWith('db.damaged-'))

beforeAll(async () => {
  await inStore(client =>
    client
      .db()
      .collection<Item>('rows')
      .insertMany(Array.from({ length: 2000 }, (_, n) => ({ _id: n, text: 'x'.repeat(300) }))),
  )
  expect(await cli('backup', [backup], here)).toMatchObject({ code: 0 })
})
afterAll(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 10 }))

test.each([
  ['in a folder that is not there', () => path.join(scratch, 'none', 'b.gz')],
  ['in place of a folder', () => dataDir],
])('a backup that cannot be written %s is explained in a sentence', async (_, target) => {
  const { code, text } = await cli('backup', [target()], here)
  expect(code).toBe(1)
  expect(text.trim()).toMatch(/^备份文件 \S+ 写不进去.*请检查路径和权限。$/)
})

describe('a data file that was cut in the middle', () => {
  let damaged: Buffer
  beforeAll(() => {
    truncateSync(file, Math.floor(statSync(file).size / 2))
    damaged = readFileSync(file)
  })

  test('is refused as often as it is tried, and keeps every byte it has', async () => {
    for (let attempt = 0; attempt < 3; attempt++)
      expect(await failure(openEmbeddedStore({ dataDir }))).toMatchObject({ fault: 'damaged' })
    expect(readFileSync(file).subarray(0, damaged.length).equals(damaged)).toBe(true)
  })

  test('stays where it is when the backup is no good', async () => {
    const wrong = path.join(scratch, 'wrong.gz')
    writeFileSync(wrong, readFileSync(backup).subarray(0, 500))
    expect(await cli('restore', [wrong], here)).toMatchObject({ code: 1, text: expect.stringContaining('不完整或已损坏') })
    expect(kept()).toEqual([])
  })

  test('is kept under another name when a backup is restored, and the store works again', async () => {
    const { code, text } = await cli('restore', [backup], here)
    expect(text).toMatch(/已改名保留:.*db\.damaged-.*\n已恢复 1 个集合、2000 条记录/)
    expect(code).toBe(0)
    const [name = ''] = kept()
    expect(readFileSync(path.join(folder, name)).subarray(0, damaged.length).equals(damaged)).toBe(true)
    expect(await inStore(client => client.db().collection('rows').countDocuments({ text: /^x/ }))).toBe(2000)
  })
})
