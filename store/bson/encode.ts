import { serialize } from 'bson'
import { tooLarge } from '../errors.ts'
import type { Doc } from './values.ts'

/** The longest document that is stored (manual: "MongoDB Limits and Thresholds", BSON Document Size). */
export const maxDocumentBytes = 16 * 1024 * 1024
// What is computed may be a little longer, so that it can hold a document of full length.
const maxEncodedBytes = maxDocumentBytes + 16 * 1024

/** A document that is already encoded; replies carry it without decoding. */
export class Raw {
  readonly bytes: Buffer
  constructor(bytes: Buffer) {
    this.bytes = bytes
  }
}

// The codec writes into 17 MiB: beyond that it throws a RangeError, or cuts a text and tells the length there should have been.
function serialized(doc: Doc): Uint8Array | null {
  try {
    return serialize(doc, { ignoreUndefined: false })
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** Encodes a document; undefined becomes null. @throws StoreError 10334 when it is too long to be sent or stored */
export function encode(doc: Doc): Buffer {
  const bytes = serialized(doc)
  if (bytes && bytes.length <= maxEncodedBytes) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const size = bytes?.length ?? 'over 17825792'
  throw tooLarge(`BSONObj size: ${size} is invalid. Size must be between 0 and ${maxEncodedBytes}(16MB)`)
}

const named = (type: number, name: string) => Buffer.from(`${String.fromCharCode(type)}${name}\0`, 'utf8')
const zero = Buffer.alloc(1)

function wrap(parts: Buffer[]): Buffer {
  const head = Buffer.alloc(4)
  const body = Buffer.concat([head, ...parts, zero])
  body.writeInt32LE(body.length, 0)
  return body
}

const fieldsIn = (doc: Doc) => {
  const bytes = encode(doc)
  return bytes.subarray(4, bytes.length - 1)
}

/**
 * Encodes a command reply whose `cursor` batches and `value` may hold `Raw` documents.
 *
 * @param last further fields, already encoded
 */
export function encodeReply(reply: Doc, last?: Buffer): Buffer {
  const parts: Buffer[] = []
  // Plain fields that follow one another are encoded together: each call has its price.
  let plain: Doc | null = null
  const flush = () => {
    if (plain) parts.push(fieldsIn(plain))
    plain = null
  }
  for (const [name, value] of Object.entries(reply)) {
    if (value === undefined) continue
    if (value instanceof Raw) {
      flush()
      parts.push(named(3, name), value.bytes)
    } else if (name === 'cursor') {
      flush()
      parts.push(named(3, name), encodeReply(value as Doc))
    } else if (Array.isArray(value) && value[0] instanceof Raw) {
      flush()
      const items = (value as Raw[]).flatMap((raw, index) => [named(3, String(index)), raw.bytes])
      parts.push(named(4, name), wrap(items))
    } else {
      plain ??= {}
      plain[name] = value
    }
  }
  flush()
  if (last) parts.push(last)
  return wrap(parts)
}
