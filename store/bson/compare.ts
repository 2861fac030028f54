import { type BSONRegExp, type Code, DBRef, Decimal128, type ObjectId, type Timestamp } from 'bson'
import type { TextOrder } from './collation.ts'
import { align, exact } from './decimal.ts'
import { bytesOf, type Doc, numeric, Rank, rank } from './values.ts'

const sign = (difference: number) => (difference < 0 ? -1 : difference > 0 ? 1 : 0)

function compareNumbers(left: unknown, right: unknown): number {
  let a: number | bigint | Decimal128 = numeric(left)
  let b: number | bigint | Decimal128 = numeric(right)
  if (a instanceof Decimal128 || b instanceof Decimal128) {
    const x = exact(a)
    const y = exact(b)
    if (typeof x === 'number' || typeof y === 'number') {
      a = typeof x === 'number' ? x : 0
      b = typeof y === 'number' ? y : 0
    } else [a, b] = align(x, y)
  }
  if (a < b) return -1
  if (a > b) return 1
  const leftNaN = Number.isNaN(a)
  const rightNaN = Number.isNaN(b)
  // NaN is the lowest number.
  return leftNaN === rightNaN ? 0 : leftNaN ? -1 : 1
}

// UTF-16 units sort as UTF-8 bytes once the surrogates are moved above the rest of the plane.
const codeUnit = (unit: number) => (unit < 0xd800 ? unit : unit >= 0xe000 ? unit - 0x800 : unit + 0x2000)

/** Compares as the bytes of UTF-8 do. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0
  const shared = Math.min(left.length, right.length)
  for (let i = 0; i < shared; i++) {
    const a = left.charCodeAt(i)
    const b = right.charCodeAt(i)
    if (a !== b) return codeUnit(a) < codeUnit(b) ? -1 : 1
  }
  return left.length < right.length ? -1 : 1
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : String((value as { value: unknown }).value))
const regexParts = (value: unknown): [string, string] =>
  value instanceof RegExp ? [value.source, value.flags] : [(value as BSONRegExp).pattern, (value as BSONRegExp).options]

function compareBinary(left: unknown, right: unknown): number {
  const a = bytesOf(left)
  const b = bytesOf(right)
  const subtype = (value: unknown) => (value as { sub_type?: number }).sub_type ?? 0
  return sign(a.length - b.length) || sign(subtype(left) - subtype(right)) || Buffer.compare(a, b)
}

function compareArrays(left: unknown[], right: unknown[], text: TextOrder): number {
  const shared = Math.min(left.length, right.length)
  for (let i = 0; i < shared; i++) {
    const order = compare(left[i], right[i], text)
    if (order) return order
  }
  return sign(left.length - right.length)
}

/** Fields of an embedded document; the codec's DBRef object gives its three. */
export const fieldsOf = (value: Doc): Doc => (value instanceof DBRef ? (value.toJSON() as unknown as Doc) : value)

function compareObjects(left: Doc, right: Doc, text: TextOrder): number {
  const a = fieldsOf(left)
  const b = fieldsOf(right)
  const names = Object.keys(a)
  const others = Object.keys(b)
  const shared = Math.min(names.length, others.length)
  for (let i = 0; i < shared; i++) {
    const name = names[i] as string
    const other = others[i] as string
    const order = sign(rank(a[name]) - rank(b[other])) || compareText(name, other) || compare(a[name], b[other], text)
    if (order) return order
  }
  return sign(names.length - others.length)
}

/**
 * Total order of BSON values (manual: "Comparison/Sort Order"): negative, 0 or positive. Missing equals null.
 *
 * @param text the order of texts; names of fields keep the binary one
 */
export function compare(left: unknown, right: unknown, text: TextOrder = compareText): number {
  if (left === right && left !== undefined) return 0
  const kind = rank(left)
  const other = rank(right)
  if (kind !== other) return kind < other ? -1 : 1
  switch (kind) {
    case Rank.number:
      if (typeof left === 'number' && typeof right === 'number') {
        if (left < right) return -1
        if (left > right) return 1
      }
      return compareNumbers(left, right)
    case Rank.text:
      return text(textOf(left), textOf(right))
    case Rank.object:
      return compareObjects(left as Doc, right as Doc, text)
    case Rank.array:
      return compareArrays(left as unknown[], right as unknown[], text)
    case Rank.binary:
      return compareBinary(left, right)
    case Rank.objectId:
      return Buffer.compare((left as ObjectId).id, (right as ObjectId).id)
    case Rank.boolean:
      return left === right ? 0 : left ? 1 : -1
    case Rank.date:
      return sign((left as Date).getTime() - (right as Date).getTime())
    case Rank.timestamp: {
      const a = (left as Timestamp).toBigInt()
      const b = (right as Timestamp).toBigInt()
      return a < b ? -1 : a > b ? 1 : 0
    }
    case Rank.regex: {
      const [pattern, options] = regexParts(left)
      const [otherPattern, otherOptions] = regexParts(right)
      return compareText(pattern, otherPattern) || compareText(options, otherOptions)
    }
    case Rank.code:
      return compareText(String((left as Code).code), String((right as Code).code))
    default:
      return 0
  }
}

/** Equality in MongoDB's order: 1 equals 1.0, field order of embedded documents matters. */
export const equal = (left: unknown, right: unknown, text?: TextOrder): boolean => compare(left, right, text) === 0
