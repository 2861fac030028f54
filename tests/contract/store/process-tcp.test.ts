import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { deserialize, serialize } from 'bson'
import { MongoClient } from 'mongodb'
import { commands } from '../../../store/commands/index.ts'
import { type EmbeddedStore, openEmbeddedStore } from '../../../store/index.ts'
import { answerFirst, credentialsOf, startConversation } from '../../../store/wire/scram.ts'
import { failure, type Item } from './failure.ts'
import { storePid, until } from './kills.ts'

const dataDir = mkdtempSync(path.join(os.tmpdir(), 'kelian-tcp-'))
const tcp = { transport: 'tcp' } as const
let store: EmbeddedStore

beforeAll(async () => {
  store = await openEmbeddedStore({ dataDir, process: tcp })
})
afterAll(async () => {
  await store.close()
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 })
})

const portOf = (uri: string) => Number(new URL(uri).port)
const withPassword = (uri: string, password: string) => {
  const url = new URL(uri)
  url.password = password
  return url.href
}

describe('a store reached over TCP', () => {
  test('serves the unmodified driver, transactions included, on 127.0.0.1 only', async () => {
    expect(new URL(store.uri).hostname).toBe('127.0.0.1')
    const client = await MongoClient.connect(store.uri)
    const rows = client.db().collection<Item>('rows')
    await rows.insertOne({ _id: 1, n: 1 })
    await client.withSession(session =>
      session.withTransaction(async () => {
        await rows.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session })
      }),
    )
    expect(await rows.findOne({ _id: 1 })).toEqual({ _id: 1, n: 2 })
    await client.close()
  })

  test('keeps its password in a file that only this user can read', () => {
    const file = path.join(dataDir, 'store', 'password')
    expect(statSync(file).mode & 0o077).toBe(0)
    expect(readFileSync(file, 'utf8').length).toBeGreaterThanOrEqual(43)
  })

  test.each([
    ['a wrong password', () => withPassword(store.uri, 'wrong')],
    ['a wrong name', () => store.uri.replace('//kelian:', '//root:')],
  ])('%s is refused', async (_, uri) => {
    expect(await failure(MongoClient.connect(uri(), { serverSelectionTimeoutMS: 3000 }))).toMatchObject({ code: 18 })
  })

  test('the way of authenticating that would show the password is refused', async () => {
    const uri = store.uri.replace('SCRAM-SHA-256', 'PLAIN').replace('authSource=admin', 'authSource=$external')
    expect(await failure(MongoClient.connect(uri, { serverSelectionTimeoutMS: 3000 }))).toMatchObject({ code: 334 })
  })

  test('without a password no command is answered but the greeting', async () => {
    const stranger = new MongoClient(`mongodb://127.0.0.1:${portOf(store.uri)}/?directConnection=true`)
    expect(await stranger.db('admin').command({ hello: 1 })).toMatchObject({ ok: 1 })
    for (const name of Object.keys(commands)) {
      if (['hello', 'isMaster', 'ismaster', 'endSessions'].includes(name)) continue
      expect(await failure(stranger.db('kelian').command({ [name]: 'rows' }))).toMatchObject({
        code: 13,
        codeName: 'Unauthorized',
      })
    }
    await stranger.close()
  })

  test('a stranger cannot send long messages', async () => {
    const socket = connect(portOf(store.uri), '127.0.0.1')
    socket.on('error', () => undefined)
    const head = Buffer.alloc(16)
    head.writeInt32LE(1_000_000, 0)
    socket.write(head)
    socket.resume()
    await once(socket, 'close')
  })

  test('after a kill it is there again at the same address', async () => {
    const client = await MongoClient.connect(store.uri)
    const rows = client.db().collection<Item>('kept')
    await rows.insertOne({ _id: 'before' })
    const pid = storePid(dataDir)
    process.kill(pid, 'SIGKILL')
    await until(() => storePid(dataDir, pid) !== pid, 10_000)
    expect(await rows.countDocuments()).toBe(1)
    await client.close()
  })

  test('a second process joins it, and its own password file is the same', async () => {
    const second = await openEmbeddedStore({ dataDir, process: tcp })
    expect(second.uri).toBe(store.uri)
    await second.close()
    const client = await MongoClient.connect(store.uri)
    expect(await client.db().command({ ping: 1 })).toMatchObject({ ok: 1 })
    await client.close()
  })
})

describe('SCRAM-SHA-256', () => {
  test('gives the proofs of the example in RFC 7677', async () => {
    // The example's user and password: the one name here is another, so only the server's arithmetic is compared.
    const credentials = await credentialsOf('pencil')
    const client = startConversation('pencil', 'rOprNGfwEbeRWgbNEkqO')
    const server = answerFirst(credentials, client.first, '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0')
    const final = await client.final(server.reply)
    expect(client.isServer(server.finish(final))).toBe(true)
  })

  test('a server that does not know the password is found out', async () => {
    const client = startConversation('right')
    const impostor = answerFirst(await credentialsOf('guessed'), client.first)
    const final = await client.final(impostor.reply)
    expect(() => impostor.finish(final)).toThrow('Authentication failed')
    expect(client.isServer('v=AAAA')).toBe(false)
    expect(client.isServer('')).toBe(false)
  })

  test.each(['', 'n,,', 'n,,n=kelian', 'p=tls-unique,,n=kelian,r=abc', 'n,,n=kelian,r=', '\0'])(
    'the first message %j does not let anybody in',
    async first => {
      const credentials = await credentialsOf('right')
      expect(() => answerFirst(credentials, first).finish('c=biws,r=,p=AAAA')).toThrow('Authentication failed')
    },
  )
})

test('a program that took over the port learns nothing and is not used', async () => {
  const other = mkdtempSync(path.join(os.tmpdir(), 'kelian-tcp-'))
  const first = await openEmbeddedStore({ dataDir: other, process: tcp })
  const password = readFileSync(path.join(other, 'store', 'password'), 'utf8')
  await first.close()
  const heard: Buffer[] = []
  const impostor = await listen(portOf(first.uri), heard)
  const second = await openEmbeddedStore({ dataDir: other, process: tcp })
  expect(portOf(second.uri)).not.toBe(portOf(first.uri))
  expect(heard.length).toBeGreaterThan(0)
  expect(Buffer.concat(heard).includes(password)).toBe(false)
  await second.close()
  impostor.close()
  rmSync(other, { recursive: true, force: true, maxRetries: 10 })
})

/** Answers every message with success, as a server that lets anybody in. */
async function listen(port: number, heard: Buffer[]): Promise<Server> {
  const server = createServer((socket: Socket) => {
    socket.on('error', () => socket.destroy())
    socket.on('data', chunk => {
      heard.push(chunk)
      expect(deserialize(chunk.subarray(21))).toHaveProperty('$db')
      const body = serialize({ conversationId: 1, done: true, payload: Buffer.from('v=AAAA'), ok: 1 })
      const head = Buffer.alloc(21)
      head.writeInt32LE(21 + body.length, 0)
      head.writeInt32LE(2013, 12)
      socket.write(Buffer.concat([head, body]))
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}
