import { execFile } from 'node:child_process'
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from '@jest/globals'
import { serialize } from 'bson'
import { open } from 'lmdb'
import { MongoClient } from 'mongodb'
import { EmbeddedStoreError, isEmbeddedStoreInUse, openEmbeddedStore } from '../../../store/index.ts'
import { failure, type Item } from './failure.ts'
import { storePid, until } from './kills.ts'

const folders: string[] = []
const newFolder = () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'kelian-faults-'))
  folders.push(folder)
  return folder
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
})

const fileOf = (dataDir: string) => path.join(dataDir, 'store', 'db.mdb')

/** A closed store of some hundred pages. */
async function filledFolder(): Promise<string> {
  const dataDir = newFolder()
  const store = await openEmbeddedStore({ dataDir })
  const client = await MongoClient.connect(store.uri)
  const rows = client.db().collection<Item>('rows')
  await rows.createIndex({ name: 1 })
  await rows.insertMany(
    Array.from({ length: 3000 }, (_, index) => ({ _id: index, name: `name-${index}`, text: 'x'.repeat(300) })),
  )
  await client.close()
  await store.close()
  return dataDir
}

/** Why a store does not open, and in how many milliseconds it says so. */
async function refusal(dataDir: string, verify = false): Promise<{ fault: string; message: string; tookMs: number }> {
  const startedAtMs = Date.now()
  const error = (await failure(openEmbeddedStore({ dataDir, process: { verify } }))) as unknown as EmbeddedStoreError
  expect(error).toBeInstanceOf(EmbeddedStoreError)
  return { fault: error.fault, message: error.message, tookMs: Date.now() - startedAtMs }
}

function overwrite(file: string, from: number, to: number): void {
  const handle = openSync(file, 'r+')
  for (let at = from, seed = 1; at < to; at += 512) {
    seed = (seed * 48_271) % 2_147_483_647
    writeSync(handle, Buffer.alloc(Math.min(512, to - at), seed % 251), 0, Math.min(512, to - at), at)
  }
  closeSync(handle)
}

describe('a data folder that cannot be used is refused at once, with a sentence that names it', () => {
  const file = () => {
    const name = path.join(newFolder(), 'file')
    writeFileSync(name, '')
    return name
  }
  const withFolderInPlaceOf = (name: string) => () => {
    const dataDir = newFolder()
    mkdirSync(path.join(dataDir, 'store', name), { recursive: true })
    return dataDir
  }
  test.each([
    ['a file', file],
    ['below a file', () => path.join(file(), 'data')],
    ['on a file system that takes no files', () => '/proc/kelian-data'],
    ['without room for the log', withFolderInPlaceOf('store.log')],
    ['without room for the data file', withFolderInPlaceOf('db.mdb')],
  ])('%s', async (_, make) => {
    const dataDir = make()
    const { fault, message, tookMs } = await refusal(dataDir)
    expect(fault).toBe('folder')
    expect(message).toContain(dataDir)
    expect(message).toMatch(/不能写入.*DATA_DIR/)
    expect(tookMs).toBeLessThan(10_000)
  })
})

describe('a data file that cannot be trusted is refused with a sentence that says what to do', () => {
  test.each([
    ['its head is smashed', (file: string) => overwrite(file, 0, 8192)],
    ['it ends in the middle', (file: string) => truncateSync(file, Math.floor(statSync(file).size / 2))],
    ['it was emptied', (file: string) => truncateSync(file, 0)],
    ['it is something else', (file: string) => writeFileSync(file, Buffer.alloc(65_536, 7))],
  ])('%s', async (_, damage) => {
    const dataDir = await filledFolder()
    damage(fileOf(dataDir))
    const { fault, message } = await refusal(dataDir)
    expect(fault).toBe('damaged')
    expect(message).toMatch(/db\.mdb 已损坏.*npm run restore/)
  })

  // Where the first damaged page stands decides what LMDB stumbles over: the tables' own tree, the first write, or a late leaf.
  test.each([2, 6, 16, 64, 200])('random bytes in its pages from %d on are found when it is read through', async firstPage => {
    const dataDir = await filledFolder()
    const file = fileOf(dataDir)
    overwrite(file, firstPage * 4096, statSync(file).size)
    expect(await refusal(dataDir, true)).toMatchObject({ fault: 'damaged' })
  })

  test('after a crash it is read through before it is served again', async () => {
    const dataDir = await filledFolder()
    const heard: string[] = []
    const store = await openEmbeddedStore({ dataDir, log: line => heard.push(line) })
    const file = fileOf(dataDir)
    const pid = storePid(dataDir)
    process.kill(pid, 'SIGSTOP')
    overwrite(file, 16 * 4096, statSync(file).size)
    process.kill(pid, 'SIGSEGV')
    process.kill(pid, 'SIGCONT')
    await until(() => heard.some(line => line.includes('已损坏')), 50_000)
    await store.close()
    // A process that knows nothing of the crash does not serve it either.
    expect(await refusal(dataDir)).toMatchObject({ fault: 'damaged' })
  }, 60_000)

  test('a sound one passes being read through', async () => {
    const dataDir = await filledFolder()
    const store = await openEmbeddedStore({ dataDir, process: { verify: true } })
    await store.close()
  })

  test('a newer version wrote it', async () => {
    const dataDir = await filledFolder()
    const root = open<Buffer, Buffer>({ path: fileOf(dataDir), keyEncoding: 'binary', encoding: 'binary', maxDbs: 8 })
    const meta = root.openDB<Buffer, Buffer>({ name: 'meta', keyEncoding: 'binary', encoding: 'binary' })
    await meta.put(Buffer.from('\0format'), Buffer.from(serialize({ format: 99 })))
    await root.close()
    const { fault, message } = await refusal(dataDir)
    expect(fault).toBe('newer')
    expect(message).toMatch(/更新版本的客联/)
  })
})

test('a lock file with nonsense in it is taken over', async () => {
  const dataDir = newFolder()
  mkdirSync(path.join(dataDir, 'store'))
  writeFileSync(path.join(dataDir, 'store', 'lock.7'), 'nonsense')
  const store = await openEmbeddedStore({ dataDir })
  expect(storePid(dataDir)).toBeGreaterThan(0)
  await store.close()
})

describe('a full disk', () => {
  test('with little room left writes are refused with code 14031, and reading goes on', async () => {
    const dataDir = await filledFolder()
    const store = await openEmbeddedStore({ dataDir, process: { minFreeBytes: Number.MAX_SAFE_INTEGER } })
    const client = await MongoClient.connect(store.uri)
    const rows = client.db().collection<Item>('rows')
    expect(await failure(rows.insertOne({ a: 1 }))).toMatchObject({ code: 14031, codeName: 'OutOfDiskSpace' })
    expect(await failure(rows.createIndex({ text: 1 }))).toMatchObject({ code: 14031 })
    expect(await rows.countDocuments({ name: /^name-1/ })).toBe(1111)
    await client.close()
    await store.close()
    expect(await isEmbeddedStoreInUse(dataDir)).toBe(false)
  })

  test('a commit that does not fit is undone as a whole, and the same process goes on', async () => {
    const dataDir = newFolder()
    const writer = fileURLToPath(new URL('./faults-writer.ts', import.meta.url))
    // No file may grow over 10 MB: for the store this is the same as a full disk.
    const { stdout } = await promisify(execFile)(
      'bash',
      ['-c', 'ulimit -f 10240; exec "$0" --import tsx "$1" "$2"', process.execPath, writer, dataDir],
      { cwd: path.resolve('.') },
    )
    const report = JSON.parse(stdout)
    expect(report).toMatchObject({ refused: { code: 8 }, ghost: 8, sameProcess: true, collections: ['rows'] })
    expect(report.refused.message).toMatch(/Nothing was written/)
    expect(report.acknowledged).toBeGreaterThan(10)
    expect(report.found).toBe(report.acknowledged)

    const store = await openEmbeddedStore({ dataDir, process: { verify: true } })
    const client = await MongoClient.connect(store.uri)
    expect(await client.db().collection('rows').countDocuments({})).toBe(report.after)
    await client.close()
    await store.close()
    expect(readFileSync(path.join(dataDir, 'store', 'store.log'), 'utf8')).not.toContain('cannot start')
  })
})
