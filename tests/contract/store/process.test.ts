import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { MongoClient } from 'mongodb'
import { isEmbeddedStoreInUse, openEmbeddedStore } from '../../../store/index.ts'
import { runUnderKills, storePid, until } from './kills.ts'
import type { Item } from './server.ts'

const folders: string[] = []
const others: ChildProcess[] = []
const newFolder = (name = '') => {
  const folder = path.join(mkdtempSync(path.join(os.tmpdir(), 'kelian-store-')), name)
  folders.push(folder)
  return folder
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

afterEach(() => {
  for (const child of others.splice(0)) child.kill('SIGKILL')
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
})

describe('the process of the embedded store', () => {
  test('nothing acknowledged is lost, and nothing is done twice, when it is killed under load', async () => {
    const dataDir = newFolder()
    const store = await openEmbeddedStore({ dataDir })
    const report = await runUnderKills({ uri: store.uri, kills: 3, kill: () => process.kill(storePid(dataDir), 'SIGKILL') })
    expect(report).toMatchObject({ lost: [], halves: [], lostPairs: [] })
    expect(report.sum).toBeGreaterThanOrEqual(report.increments)
    expect(report.sum).toBeLessThanOrEqual(report.increments + report.unknown)
    await store.close()
  })

  test('it is shared: the second process joins, and the first one leaving does not take it away', async () => {
    const dataDir = newFolder()
    const first = await openEmbeddedStore({ dataDir })
    const pid = storePid(dataDir)
    const second = await openEmbeddedStore({ dataDir })
    expect(second.uri).toBe(first.uri)
    const client = await MongoClient.connect(second.uri)
    await first.close()
    expect(await client.db().command({ ping: 1 })).toMatchObject({ ok: 1 })
    expect(storePid(dataDir)).toBe(pid)
    await client.close()
    await second.close()
    await until(() => !isAlive(pid))
  })

  test('many starts at once end in one process', async () => {
    const dataDir = newFolder()
    const stores = await Promise.all(Array.from({ length: 3 }, () => openEmbeddedStore({ dataDir })))
    expect(readdirSync(path.join(dataDir, 'store')).filter(name => /^lock\.\d+$/.test(name)).length).toBe(1)
    await Promise.all(stores.map(store => store.close()))
  })

  test('after a kill the data is there again, and only this user can open socket and file', async () => {
    const dataDir = newFolder()
    const store = await openEmbeddedStore({ dataDir })
    const client = await MongoClient.connect(store.uri)
    await client.db().collection('a').insertOne({ a: 1 })
    const before = storePid(dataDir)
    process.kill(before, 'SIGKILL')
    await until(() => storePid(dataDir, before) !== before)
    expect(await client.db().collection('a').countDocuments()).toBe(1)
    for (const name of ['db.sock', 'db.mdb']) expect(statSync(path.join(dataDir, 'store', name)).mode & 0o077).toBe(0)
    await client.close()
    await store.close()
  })

  test('a folder with a very long path works over a short socket', async () => {
    const dataDir = newFolder('very-long-'.repeat(12))
    const store = await openEmbeddedStore({ dataDir })
    const client = await MongoClient.connect(store.uri)
    expect(await client.db().command({ ping: 1 })).toMatchObject({ ok: 1 })
    expect(existsSync(path.join(dataDir, 'store', 'socket'))).toBe(true)
    await client.close()
    await store.close()
  })

  test('documents expire by their TTL index', async () => {
    const dataDir = newFolder()
    const store = await openEmbeddedStore({ dataDir, process: { ttlEveryMs: 50 } })
    const client = await MongoClient.connect(store.uri)
    const collection = client.db().collection<Item>('a')
    await collection.createIndex({ at: 1 }, { expireAfterSeconds: 10 })
    await collection.insertMany([
      { _id: 1, at: new Date(Date.now() - 60_000) },
      { _id: 2, at: new Date() },
      { _id: 3, at: 'never' },
    ])
    for (let left = 3; left > 2; ) left = await collection.countDocuments()
    expect((await collection.find({}, { sort: { _id: 1 } }).toArray()).map(doc => doc._id)).toEqual([2, 3])
    await client.close()
    await store.close()
  })

  test('the store outlives a service that is killed only as long as others are connected', async () => {
    const dataDir = newFolder()
    const store = await openEmbeddedStore({ dataDir })
    const pid = storePid(dataDir)
    const index = path.resolve('store/index.ts')
    const script = `const { openEmbeddedStore } = await import(${JSON.stringify(index)}); await openEmbeddedStore({ dataDir: ${JSON.stringify(dataDir)} }); console.log('joined'); setInterval(() => {}, 1000)`
    const other = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    others.push(other)
    await new Promise(resolve => other.stdout?.once('data', resolve))
    await store.close()
    expect(isAlive(pid)).toBe(true)
    other.kill('SIGKILL')
    await until(() => !isAlive(pid))
  })

  // As in a container whose first process never asks for those that have ended.
  test('an owner that has ended, but whom its parent never asked for, holds no lock', async () => {
    const parent = spawn('sh', ['-c', 'sleep 0.5 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] })
    others.push(parent)
    const pid = Number(await new Promise(resolve => parent.stdout?.once('data', resolve)))
    const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8').slice(-1000).split(') ')[1]?.split(' ') ?? []
    await until(() => stat()[0] === 'Z')
    const dataDir = newFolder()
    mkdirSync(path.join(dataDir, 'store'))
    writeFileSync(path.join(dataDir, 'store', 'lock.1'), JSON.stringify({ pid, started: stat()[19] }))
    expect(await isEmbeddedStoreInUse(dataDir)).toBe(false)
    const store = await openEmbeddedStore({ dataDir })
    await store.close()
  })
})
