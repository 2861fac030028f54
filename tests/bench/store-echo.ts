// The least that a MongoDB driver is content with: frames in, canned replies of the store's sizes out, nothing looked up, nothing stored. Usage: store-echo <socket>
import { createServer, type Socket } from 'node:net'
import { deserialize, Long, ObjectId, serialize, Timestamp } from 'bson'
import { sampleOf } from './store-sample.ts'

const [address = ''] = process.argv.slice(2)
const OP_MSG = 2013
const OP_REPLY = 1

const now = new Timestamp({ t: 1_700_000_000, i: 1 })
const stamp = {
  ok: 1,
  $clusterTime: { clusterTime: now, signature: { hash: Buffer.alloc(20), keyId: Long.ZERO } },
  operationTime: now,
}
const hello = {
  helloOk: true,
  ismaster: true,
  isWritablePrimary: true,
  setName: 'echo',
  hosts: [address],
  primary: address,
  me: address,
  topologyVersion: { processId: new ObjectId(), counter: Long.ZERO },
  maxBsonObjectSize: 16 * 1024 * 1024,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  localTime: new Date(),
  logicalSessionTimeoutMinutes: 30,
  minWireVersion: 0,
  maxWireVersion: 25,
  readOnly: false,
}
const replies: Readonly<Record<string, Uint8Array>> = {
  hello: serialize({ ...hello, ...stamp }),
  find: serialize({ cursor: { firstBatch: [sampleOf(1)], id: Long.ZERO, ns: 'kelian.bench' }, ...stamp }),
  insert: serialize({ n: 1, ...stamp }),
  update: serialize({ n: 1, nModified: 1, ...stamp }),
  findAndModify: serialize({ lastErrorObject: { n: 1, updatedExisting: true }, value: sampleOf(1), ...stamp }),
}
const fine = serialize(stamp)

function framed(bodyStart: number, requestId: number, opcode: number, body: Uint8Array): Buffer {
  const bytes = Buffer.alloc(bodyStart + body.length)
  bytes.writeInt32LE(bytes.length, 0)
  bytes.writeInt32LE(requestId, 8)
  bytes.writeInt32LE(opcode, 12)
  bytes.set(body, bodyStart)
  return bytes
}

function reply(message: Buffer): Buffer {
  const requestId = message.readInt32LE(4)
  if (message.readInt32LE(12) !== OP_MSG) {
    const bytes = framed(36, requestId, OP_REPLY, serialize({ ...hello, ...deserialize(serialize(stamp)) }))
    bytes.writeInt32LE(8, 16)
    bytes.writeInt32LE(1, 32)
    return bytes
  }
  const name = message.toString('latin1', 26, message.indexOf(0, 26))
  return framed(21, requestId, OP_MSG, replies[name] ?? fine)
}

function serve(socket: Socket): void {
  let kept: Buffer = Buffer.alloc(0)
  socket.on('error', () => socket.destroy())
  socket.on('data', chunk => {
    kept = kept.length === 0 ? chunk : Buffer.concat([kept, chunk])
    while (kept.length >= 4 && kept.length >= kept.readInt32LE(0)) {
      const size = kept.readInt32LE(0)
      socket.write(reply(kept.subarray(0, size)))
      kept = kept.subarray(size)
    }
  })
}

createServer({ noDelay: true }, serve).listen(address, () => process.send?.({ ready: true }))
process.on('SIGTERM', () => process.exit(0))
