import { createHash } from 'node:crypto'
import type { BSONRegExp, Code, Decimal128, ObjectId, Timestamp } from 'bson'
import { fieldsOf } from './compare.ts'
import { align, exact, shortest } from './decimal.ts'
import { bytesOf, type Doc, numeric, Rank, rank } from './values.ts'

/*
 * Order-preserving keys: comparing two keys as bytes gives MongoDB's order of the values. LMDB takes keys up to 1,978 bytes, so a long
 * component is cut and ends in a digest of the whole: equality stays exact, order among values with the same long beginning does not.
 */

const maxKeyBytes = 1900
const digestBytes = 16

let buffer = Buffer.allocUnsafe(1 << 12)
let end = 0

function room(bytes: number): void {
  if (end + bytes <= buffer.length) return
  const larger = Buffer.allocUnsafe((end + bytes) * 2)
  buffer.copy(larger, 0, 0, end)
  buffer = larger
}

// A zero byte becomes 00 FF and the end is 00 00, so that no text is a prefix of another.
function putBytes(bytes: Uint8Array): void {
  room(bytes.length * 2 + 2)
  for (const byte of bytes) {
    buffer[end++] = byte
    if (byte === 0) buffer[end++] = 255
  }
  buffer[end++] = 0
  buffer[end++] = 0
}

function putText(text: string): void {
  room(text.length * 3 + 2)
  const start = end
  end += buffer.write(text, end, 'utf8')
  if (buffer.subarray(start, end).includes(0)) {
    const bytes = Buffer.from(buffer.subarray(start, end))
    end = start
    putBytes(bytes)
    return
  }
  buffer[end++] = 0
  buffer[end++] = 0
}

function putDouble(value: number): void {
  const start = end
  buffer.writeDoubleBE(value === 0 ? 0 : value, start)
  end += 8
  if ((buffer[start] ?? 0) & 0x80) for (let i = start; i < end; i++) buffer[i] = ~(buffer[i] ?? 0) & 255
  else buffer[start] = (buffer[start] ?? 0) | 0x80
}

const exactlyDouble = 0x8000

// The nearest double first, then what is left of the exact value.
function putNumber(value: unknown): void {
  room(32)
  const plain = numeric(value)
  if (typeof plain === 'number') {
    if (Number.isNaN(plain)) {
      buffer.fill(0, end, end + 10)
      end += 10
      return
    }
    putDouble(plain)
    end = buffer.writeUInt16BE(exactlyDouble, end)
    return
  }
  const nearest = Number(plain.toString())
  if (Number.isNaN(nearest)) {
    putNumber(Number.NaN)
    return
  }
  putDouble(nearest)
  if (typeof plain === 'bigint') {
    // Doubles near 2^63 are 1,024 apart, so the remainder always fits.
    end = buffer.writeUInt16BE(exactlyDouble + Number(plain - BigInt(nearest)), end)
    return
  }
  putDecimalRemainder(plain, nearest)
}

function putDecimalRemainder(value: Decimal128, nearest: number): void {
  const whole = exact(value)
  const near = exact(nearest)
  if (typeof whole === 'number' || typeof near === 'number') {
    end = buffer.writeUInt16BE(exactlyDouble, end)
    return
  }
  const [a, b] = align(whole, near)
  const remainder = a - b
  const unit = 10n ** BigInt(Math.abs(whole.exponent))
  // A whole number must give the same key as the int64 of the same value.
  if (Number.isInteger(nearest) && (whole.exponent >= 0 || whole.digits % unit === 0n)) {
    const left = (whole.exponent >= 0 ? whole.digits * unit : whole.digits / unit) - BigInt(nearest)
    if (left > -16384n && left < 16383n) {
      end = buffer.writeUInt16BE(exactlyDouble + Number(left), end)
      return
    }
  }
  end = buffer.writeUInt16BE(exactlyDouble + (remainder < 0n ? -16384 : remainder > 0n ? 16383 : 0), end)
  if (remainder === 0n) return
  cut = true
  const { digits, exponent } = shortest(whole)
  createHash('sha256').update(`${digits}E${exponent}`).digest().copy(buffer, end, 0, digestBytes)
  end += digestBytes
}

function putValue(value: unknown): void {
  room(64)
  const kind = rank(value)
  buffer[end++] = kind
  switch (kind) {
    case Rank.number:
      putNumber(value)
      break
    case Rank.text:
      putText(typeof value === 'string' ? value : String((value as { value: unknown }).value))
      break
    case Rank.objectId:
      end += Buffer.from((value as ObjectId).id).copy(buffer, end)
      break
    case Rank.boolean:
      buffer[end++] = value ? 1 : 0
      break
    case Rank.date:
      end = buffer.writeBigUInt64BE(BigInt((value as Date).getTime() || 0) + (1n << 63n), end)
      break
    case Rank.timestamp:
      end = buffer.writeBigUInt64BE(BigInt.asUintN(64, (value as Timestamp).toBigInt()), end)
      break
    case Rank.binary: {
      const bytes = bytesOf(value)
      end = buffer.writeUInt32BE(bytes.length, end)
      buffer[end++] = (value as { sub_type?: number }).sub_type ?? 0
      putBytes(bytes)
      break
    }
    case Rank.array:
      for (const item of value as unknown[]) putValue(item)
      room(1)
      buffer[end++] = 1
      break
    case Rank.object:
      putObject(fieldsOf(value as Doc))
      break
    case Rank.regex: {
      const [pattern, options] =
        value instanceof RegExp ? [value.source, value.flags] : [(value as BSONRegExp).pattern, (value as BSONRegExp).options]
      putText(pattern)
      putText(options)
      break
    }
    case Rank.code:
      putText(String((value as Code).code))
      break
  }
}

function putObject(fields: Doc): void {
  for (const [name, value] of Object.entries(fields)) {
    room(2)
    buffer[end++] = 2
    buffer[end++] = rank(value)
    putText(name)
    putValue(value)
  }
  room(1)
  buffer[end++] = 1
}

let cut = false

const limitOf = (fieldCount: number) => Math.floor(maxKeyBytes / fieldCount) - digestBytes

function invert(start: number): void {
  for (let i = start; i < end; i++) buffer[i] = ~(buffer[i] ?? 0) & 255
}

function putComponent(value: unknown, descending: boolean, limit: number): void {
  const start = end
  putValue(value)
  if (end - start > limit) {
    cut = true
    const digest = createHash('sha256').update(buffer.subarray(start, end)).digest()
    end = start + limit
    end += digest.copy(buffer, end, 0, digestBytes)
  }
  if (descending) invert(start)
}

/**
 * The key of one index entry.
 *
 * @param prefix number of the index, first in the key
 * @param values one per field, or fewer for the beginning of a range
 * @param descending one per field of the index
 */
export function makeKey(prefix: number, values: readonly unknown[], descending: readonly boolean[]): Buffer {
  end = 0
  cut = false
  room(8)
  end = buffer.writeUInt32BE(prefix, 0)
  const limit = limitOf(descending.length)
  for (let i = 0; i < values.length; i++) putComponent(values[i], descending[i] ?? false, limit)
  return Buffer.from(buffer.subarray(0, end))
}

/**
 * What every key component of this value begins with: the edge of a range.
 *
 * @param asPrefix for a text: of every text that begins with it
 */
export function makeBound(value: unknown, descending: boolean, fieldCount: number, asPrefix = false): Buffer {
  end = 0
  putValue(value)
  const limit = limitOf(fieldCount)
  if (end > limit) end = limit
  else if (asPrefix) end -= 2
  if (descending) invert(0)
  return Buffer.from(buffer.subarray(0, end))
}

/** Whether the key made last had to be cut. */
export const lastKeyWasCut = (): boolean => cut

/** A text that is equal for equal values and only for those; for grouping and distinct. */
export function identityOf(value: unknown): string {
  end = 0
  putValue(value)
  return buffer.toString('latin1', 0, end)
}

/** The smallest key above every key that begins with this one. */
export function afterPrefix(key: Buffer): Buffer {
  for (let i = key.length - 1; i >= 0; i--) {
    const byte = key[i] ?? 255
    if (byte < 255) {
      const next = Buffer.from(key.subarray(0, i + 1))
      next[i] = byte + 1
      return next
    }
  }
  return Buffer.concat([key, Buffer.from([255])])
}
