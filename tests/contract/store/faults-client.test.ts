import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { deserialize, Long, serialize, UUID } from 'bson'
import { MongoClient } from 'mongodb'
import { type EmbeddedStore, openEmbeddedStore } from '../../../store/index.ts'
import { storePid } from './kills.ts'
import { failure, type Item } from './server.ts'

const dataDir = mkdtempSync(path.join(os.tmpdir(), 'kelian-faults-'))
const maxConnections = 40
let store: EmbeddedStore
let client: MongoClient
let pid: number

beforeAll(async () => {
  store = await openEmbeddedStore({ dataDir, process: { maxConnections } })
  client = await MongoClient.connect(store.uri, { maxPoolSize: 5 })
  pid = storePid(dataDir)
})

afterAll(async () => {
  await client.close()
  await store.close()
  rmSync(dataDir, { recursive: true, force: true })
})

const dial = async (): Promise<Socket> => {
  const socket = connect(path.join(dataDir, 'store', 'db.sock'))
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

/** A message of the wire protocol around a body that need not make sense. */
function frame(opcode: number, body: Buffer, bytes = 16 + body.length): Buffer {
  const head = Buffer.alloc(16)
  head.writeInt32LE(bytes, 0)
  head.writeInt32LE(77, 4)
  head.writeInt32LE(opcode, 12)
  return Buffer.concat([head, body])
}

const opMsg = 2013
const section = (body: Uint8Array) => Buffer.concat([Buffer.alloc(5), body])
const command = (doc: object) => frame(opMsg, section(serialize({ ...doc, $db: 'test' })))

/** What comes back until the connection ends. */
async function everythingFrom(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('data', chunk => chunks.push(chunk))
  await once(socket, 'close')
  return Buffer.concat(chunks)
}

const replyIn = (bytes: Buffer) => ({ to: bytes.readInt32LE(8), ...deserialize(bytes.subarray(21)) })

const stillServes = async () => {
  expect(storePid(dataDir)).toBe(pid)
  expect(await client.db().command({ ping: 1 })).toMatchObject({ ok: 1 })
}

describe('a client that does not speak the protocol', () => {
  test.each([
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['bytes of all ones', Buffer.alloc(64, 255)],
    ['a message of two gigabytes', frame(opMsg, Buffer.alloc(64), 2_000_000_000)],
    ['a message shorter than its head', frame(opMsg, Buffer.alloc(64), 3)],
  ])('%s ends its connection and nothing else', async (_, bytes) => {
    const socket = await dial()
    socket.write(bytes)
    expect((await everythingFrom(socket)).length).toBe(0)
    await stillServes()
  })

  const hugeDocument = Buffer.from(serialize({ ping: 1 }))
  hugeDocument.writeInt32LE(1_000_000, 0)
  test.each([
    ['nothing but a head', frame(opMsg, Buffer.alloc(0)), 17],
    ['a compressed message', frame(2012, Buffer.alloc(30)), 17],
    ['an opcode that there is not', frame(4711, Buffer.alloc(30)), 17],
    [
      'a section of an unknown kind',
      frame(opMsg, Buffer.concat([Buffer.alloc(4), Buffer.from([9]), serialize({ ping: 1 })])),
      17,
    ],
    ['a document longer than its message', frame(opMsg, section(hugeDocument)), 17],
  ])('%s is answered with the code of MongoDB, and the connection ends', async (_, bytes, code) => {
    const socket = await dial()
    socket.write(bytes)
    expect(replyIn(await everythingFrom(socket))).toMatchObject({ to: 77, ok: 0, code })
    await stillServes()
  })

  const deep = (levels: number): object => (levels > 1 ? { d: deep(levels - 1) } : {})
  test.each([
    ['a document that is not BSON', frame(opMsg, section(Buffer.from([12, 0, 0, 0, 99, 97, 0, 1, 2, 3, 4, 0]))), 22],
    ['a document of too many levels', command({ ping: 1, comment: deep(500) }), 15],
  ])('%s is answered with the code of MongoDB, and the connection goes on', async (_, bytes, code) => {
    const socket = await dial()
    for (const [sent, answered] of [
      [bytes, { ok: 0, code }],
      [command({ ping: 1 }), { ok: 1 }],
    ] as const) {
      socket.write(sent)
      const [answer] = (await once(socket, 'data')) as [Buffer]
      expect(replyIn(answer)).toMatchObject(answered)
    }
    socket.destroy()
    await stillServes()
  })

  test('half a message, and then nothing, holds up nobody', async () => {
    const socket = await dial()
    socket.write(command({ ping: 1 }).subarray(0, 30))
    await stillServes()
    const closed = once(socket, 'close')
    socket.destroy()
    await closed
    await stillServes()
  })

  test('clients that send a byte now and then, and one that only closed its side, slow nobody down', async () => {
    const slow = await Promise.all(Array.from({ length: 30 }, dial))
    const bytes = command({ ping: 1 })
    let sent = 0
    const drip = setInterval(() => {
      for (const socket of slow) socket.write(bytes.subarray(sent % 20, (sent % 20) + 1))
      sent++
    }, 2)
    const startMs = performance.now()
    for (let n = 0; n < 50; n++) await client.db().command({ ping: 1 })
    expect(performance.now() - startMs).toBeLessThan(5000)
    clearInterval(drip)
    const half = await dial()
    half.end()
    half.resume()
    await once(half, 'close')
    for (const socket of slow) socket.destroy()
    await stillServes()
  })

  test('a message that arrives byte by byte is understood', async () => {
    const socket = await dial()
    socket.setNoDelay(true)
    for (const byte of command({ ping: 1 })) socket.write(Buffer.from([byte]))
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(replyIn(answer)).toMatchObject({ to: 77, ok: 1 })
    socket.destroy()
  })

  test('thousands of requests that it sends without reading are all answered, in order', async () => {
    const socket = await dial()
    const count = 5000
    socket.write(Buffer.concat(Array.from({ length: count }, () => command({ ping: 1 }))))
    let received = 0
    let bytes = Buffer.alloc(0)
    while (received < count) {
      const [chunk] = (await once(socket, 'data')) as [Buffer]
      bytes = Buffer.concat([bytes, chunk])
      for (; bytes.length >= 4 && bytes.length >= bytes.readInt32LE(0); received++) bytes = bytes.subarray(bytes.readInt32LE(0))
    }
    socket.destroy()
    await stillServes()
  })

  test('a command in the old form of messages is refused, other than the greeting', async () => {
    const socket = await dial()
    const query = Buffer.concat([Buffer.alloc(4), Buffer.from('admin.$cmd\0'), Buffer.alloc(8), serialize({ insert: 'a' })])
    socket.write(frame(2004, query))
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(deserialize(answer.subarray(36))).toMatchObject({ ok: 0, code: 352 })
    socket.destroy()
  })
})

test('more connections than allowed are closed at once, and those there are go on', async () => {
  const sockets = await Promise.all(Array.from({ length: maxConnections + 10 }, dial))
  const open = new Set(sockets)
  await new Promise<void>(resolve => {
    for (const socket of sockets)
      socket.on('close', () => {
        open.delete(socket)
        if (sockets.length - open.size >= 10) resolve()
      })
    for (const socket of sockets) socket.resume()
  })
  await stillServes()
  for (const socket of sockets) socket.destroy()
  const later = await MongoClient.connect(store.uri)
  expect(await later.db().command({ ping: 1 })).toMatchObject({ ok: 1 })
  await later.close()
  expect(readFileSync(path.join(dataDir, 'store', 'store.log'), 'utf8')).toContain(`there are ${maxConnections} already`)
})

test('a client that vanishes in a transaction leaves nothing behind, and whoever waited for its documents goes on', async () => {
  const rows = client.db('test').collection<Item>('locked')
  await rows.insertOne({ _id: 1, n: 0 })
  const vanishing = await dial()
  const transaction = { lsid: { id: new UUID() }, txnNumber: Long.ONE, autocommit: false }
  const says = async (doc: object) => {
    vanishing.write(command({ ...doc, ...transaction }))
    const [answer] = (await once(vanishing, 'data')) as [Buffer]
    return replyIn(answer)
  }
  const updates = [{ q: { _id: 1 }, u: { $set: { n: 100 } } }]
  expect(await says({ update: 'locked', updates, startTransaction: true })).toMatchObject({ ok: 1, nModified: 1 })
  expect(await says({ insert: 'locked', documents: [{ _id: 2 }] })).toMatchObject({ ok: 1, n: 1 })

  const waiting = rows.updateOne({ _id: 1 }, { $inc: { n: 1 } })
  const session = client.startSession()
  session.startTransaction()
  expect(await failure(rows.updateOne({ _id: 1 }, { $inc: { n: 10 } }, { session }))).toMatchObject({ code: 112 })
  await session.endSession()
  vanishing.destroy()
  await waiting
  expect(await rows.find({}, { sort: { _id: 1 } }).toArray()).toEqual([{ _id: 1, n: 1 }])
  await stillServes()
})
