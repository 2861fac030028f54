import { serialize } from 'bson'
import type { Doc } from './values.ts'

/** A document that is already encoded; replies carry it without decoding. */
export class Raw {
  readonly bytes: Buffer
  constructor(bytes: Buffer) {
    this.bytes = bytes
  }
}

/** Encodes a document; undefined becomes null. */
export function encode(doc: Doc): Buffer {
  const bytes = serialize(doc, { ignoreUndefined: false })
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

const named = (type: number, name: string) => Buffer.from(`${String.fromCharCode(type)}${name}\0`, 'utf8')
const zero = Buffer.alloc(1)

function wrap(parts: Buffer[]): Buffer {
  const head = Buffer.alloc(4)
  const body = Buffer.concat([head, ...parts, zero])
  body.writeInt32LE(body.length, 0)
  return body
}

/** Encodes a command reply whose `cursor` batches and `value` may hold `Raw` documents. */
export function encodeReply(reply: Doc): Buffer {
  const parts: Buffer[] = []
  for (const [name, value] of Object.entries(reply)) {
    if (value === undefined) continue
    if (value instanceof Raw) parts.push(named(3, name), value.bytes)
    else if (name === 'cursor') parts.push(named(3, name), encodeReply(value as Doc))
    else if (Array.isArray(value) && value[0] instanceof Raw) {
      const items = (value as Raw[]).flatMap((raw, index) => [named(3, String(index)), raw.bytes])
      parts.push(named(4, name), wrap(items))
    } else {
      const field = encode({ [name]: value })
      parts.push(field.subarray(4, field.length - 1))
    }
  }
  return wrap(parts)
}
