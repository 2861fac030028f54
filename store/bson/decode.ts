import { Binary, BSONRegExp, BSONSymbol, Code, DBRef, Decimal128, Double, MaxKey, MinKey, ObjectId, Timestamp } from 'bson'
import { StoreError } from '../errors.ts'
import type { Doc } from './values.ts'

const maxDepth = 200
const broken = (what: string) => new StoreError(22, 'InvalidBSON', `Invalid BSON: ${what}`)

// One cursor for the whole module: decoding is synchronous, and returning [value, position] pairs costs a third of the time.
let at = 0

function readName(bytes: Buffer, limit: number): string {
  const start = at
  while (at < limit && bytes[at] !== 0) at++
  if (at >= limit) throw broken('field name without end')
  const name = bytes.toString('utf8', start, at)
  at++
  return name
}

function readText(bytes: Buffer, limit: number): string {
  const length = bytes.readInt32LE(at)
  const end = at + 4 + length
  if (length < 1 || end > limit) throw broken('string length')
  const text = bytes.toString('utf8', at + 4, end - 1)
  at = end
  return text
}

function take(length: number, limit: number): number {
  const start = at
  at += length
  if (length < 0 || at > limit) throw broken('value longer than its document')
  return start
}

function readBinary(bytes: Buffer, limit: number): Binary {
  const length = bytes.readInt32LE(at)
  const subtype = bytes[at + 4] ?? 0
  at += 5
  const start = take(length, limit)
  // Subtype 2 carries its length twice (bsonspec.org).
  const from = subtype === 2 ? start + 4 : start
  return new Binary(Buffer.from(bytes.subarray(from, start + length)), subtype)
}

function readDouble(bytes: Buffer, limit: number): unknown {
  const value = bytes.readDoubleLE(take(8, limit))
  const looksLikeInt32 = Number.isInteger(value) && value >= -2147483648 && value <= 2147483647 && !Object.is(value, -0)
  return looksLikeInt32 ? new Double(value) : value
}

function readCodeWithScope(bytes: Buffer, limit: number, depth: number): Code {
  take(4, limit)
  const source = readText(bytes, limit)
  return new Code(source, readDocument(bytes, limit, depth))
}

function readValue(bytes: Buffer, type: number, limit: number, depth: number): unknown {
  switch (type) {
    case 0x01:
      return readDouble(bytes, limit)
    case 0x02:
      return readText(bytes, limit)
    case 0x03:
      return readDocument(bytes, limit, depth)
    case 0x04:
      return readArray(bytes, limit, depth)
    case 0x05:
      return readBinary(bytes, limit)
    case 0x06:
      return undefined
    case 0x07:
      return new ObjectId(Buffer.from(bytes.subarray(take(12, limit), at)))
    case 0x08:
      return bytes[take(1, limit)] === 1
    case 0x09:
      return new Date(Number(bytes.readBigInt64LE(take(8, limit))))
    case 0x0a:
      return null
    case 0x0b: {
      const pattern = readName(bytes, limit)
      return new BSONRegExp(pattern, readName(bytes, limit))
    }
    case 0x0c:
      return new DBRef(readText(bytes, limit), new ObjectId(Buffer.from(bytes.subarray(take(12, limit), at))))
    case 0x0d:
      return new Code(readText(bytes, limit))
    case 0x0e:
      return new BSONSymbol(readText(bytes, limit))
    case 0x0f:
      return readCodeWithScope(bytes, limit, depth)
    case 0x10:
      return bytes.readInt32LE(take(4, limit))
    case 0x11: {
      const start = take(8, limit)
      return new Timestamp({ t: bytes.readUInt32LE(start + 4), i: bytes.readUInt32LE(start) })
    }
    case 0x12:
      return bytes.readBigInt64LE(take(8, limit))
    case 0x13:
      return new Decimal128(Buffer.from(bytes.subarray(take(16, limit), at)))
    case 0xff:
      return new MinKey()
    case 0x7f:
      return new MaxKey()
    default:
      throw broken(`type ${type}`)
  }
}

function openDocument(bytes: Buffer, limit: number, depth: number): number {
  if (depth > maxDepth) throw new StoreError(15, 'Overflow', `BSONObj exceeds maximum nested object depth: ${maxDepth}`)
  const length = bytes.readInt32LE(at)
  const end = at + length
  if (length < 5 || end > limit || bytes[end - 1] !== 0) throw broken('document length')
  at += 4
  return end
}

/** Sets a field even when its name is `__proto__`. */
export function setField(target: Doc, name: string, value: unknown): void {
  if (name === '__proto__') Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true })
  else target[name] = value
}

function readDocument(bytes: Buffer, limit: number, depth: number): Doc {
  const end = openDocument(bytes, limit, depth)
  const out: Doc = {}
  for (;;) {
    const type = bytes[at++]
    if (type === 0) break
    if (type === undefined || at >= end) throw broken('document without end')
    const name = readName(bytes, end)
    setField(out, name, readValue(bytes, type, end, depth + 1))
  }
  if (at !== end) throw broken('document length')
  return out
}

function readArray(bytes: Buffer, limit: number, depth: number): unknown[] {
  const end = openDocument(bytes, limit, depth)
  const out: unknown[] = []
  for (;;) {
    const type = bytes[at++]
    if (type === 0) break
    if (type === undefined || at >= end) throw broken('array without end')
    while (at < end && bytes[at] !== 0) at++
    at++
    out.push(readValue(bytes, type, end, depth + 1))
  }
  if (at !== end) throw broken('array length')
  return out
}

/**
 * Decodes one BSON document so that encoding it again gives the same bytes: a double that is a whole number stays a `Double`, an int64
 * becomes a `bigint`, a regular expression a `BSONRegExp`.
 *
 * @param offset where the document starts in `bytes`
 * @throws StoreError 22 on anything that is not BSON, 15 beyond 200 levels
 */
export function decode(bytes: Buffer, offset = 0): Doc {
  at = offset
  try {
    return readDocument(bytes, bytes.length, 0)
  } catch (error) {
    if (error instanceof RangeError) throw broken('cut short')
    throw error
  }
}

function skipValue(bytes: Buffer, type: number, limit: number): void {
  switch (type) {
    case 0x06:
    case 0x0a:
    case 0x7f:
    case 0xff:
      return
    case 0x08:
      at += 1
      return
    case 0x10:
      at += 4
      return
    case 0x01:
    case 0x09:
    case 0x11:
    case 0x12:
      at += 8
      return
    case 0x07:
      at += 12
      return
    case 0x13:
      at += 16
      return
    case 0x02:
    case 0x0d:
    case 0x0e:
      at += 4 + bytes.readInt32LE(at)
      return
    case 0x03:
    case 0x04:
    case 0x0f:
      at += bytes.readInt32LE(at)
      return
    case 0x05:
      at += 5 + bytes.readInt32LE(at)
      return
    case 0x0b:
      readName(bytes, limit)
      readName(bytes, limit)
      return
    case 0x0c:
      at += 16 + bytes.readInt32LE(at)
      return
    default:
      throw broken(`type ${type}`)
  }
}

/** Decodes only the named top-level fields: filters and sorts over wide documents need few of them. */
export function decodeFields(bytes: Buffer, wanted: ReadonlySet<string>): Doc {
  const out: Doc = {}
  const limit = bytes.length
  let left = wanted.size
  at = 4
  while (left > 0) {
    const type = bytes[at++]
    if (type === 0 || type === undefined) break
    const name = readName(bytes, limit)
    if (wanted.has(name)) {
      setField(out, name, readValue(bytes, type, limit, 1))
      left--
    } else skipValue(bytes, type, limit)
  }
  return out
}
