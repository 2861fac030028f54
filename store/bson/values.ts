import { Binary, Decimal128 } from 'bson'

/** A decoded document. */
export type Doc = Record<string, unknown>

type Tagged = { _bsontype?: string; value?: unknown }

/** Places of the BSON types in MongoDB's comparison order (manual: "Comparison/Sort Order"). */
export const Rank = {
  minKey: 0,
  emptyArray: 4,
  null: 5,
  number: 10,
  text: 15,
  object: 20,
  array: 25,
  binary: 30,
  objectId: 35,
  boolean: 40,
  date: 45,
  timestamp: 47,
  regex: 50,
  code: 60,
  maxKey: 127,
} as const

/** Sorts before null: what an empty array gives to a sort or an index. */
export const emptyArray = Symbol('empty array')

const tagRank: Record<string, number> = {
  Double: Rank.number,
  Int32: Rank.number,
  Long: Rank.number,
  Decimal128: Rank.number,
  ObjectId: Rank.objectId,
  Binary: Rank.binary,
  UUID: Rank.binary,
  Timestamp: Rank.timestamp,
  BSONRegExp: Rank.regex,
  BSONSymbol: Rank.text,
  MinKey: Rank.minKey,
  MaxKey: Rank.maxKey,
  Code: Rank.code,
  DBRef: Rank.object,
}

/** The value's place in the comparison order of types. */
export function rank(value: unknown): number {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return Rank.number
    case 'string':
      return Rank.text
    case 'boolean':
      return Rank.boolean
    case 'undefined':
      return Rank.null
    case 'symbol':
      return Rank.emptyArray
    case 'function':
      return Rank.code
  }
  if (value === null) return Rank.null
  if (Array.isArray(value)) return Rank.array
  const tag = (value as Tagged)._bsontype
  if (typeof tag === 'string') return tagRank[tag] ?? Rank.object
  if (value instanceof Date) return Rank.date
  if (value instanceof RegExp) return Rank.regex
  if (value instanceof Uint8Array) return Rank.binary
  return Rank.object
}

/** An embedded document (DBRef counts as one). */
export const isObject = (value: unknown): value is Doc =>
  value !== null && typeof value === 'object' && rank(value) === Rank.object

/** A plain embedded document: not a DBRef object of the codec. */
export const isPlainObject = (value: unknown): value is Doc => isObject(value) && typeof (value as Tagged)._bsontype !== 'string'

/** A number of any of the four BSON kinds. */
export const isNumber = (value: unknown): boolean => rank(value) === Rank.number

/** A regular expression. */
export const isRegex = (value: unknown): boolean => value !== null && typeof value === 'object' && rank(value) === Rank.regex

/** null, undefined or missing. */
export const isNullish = (value: unknown): value is null | undefined => value === null || value === undefined

/** Own property test that survives hostile documents. */
export const has = (target: object, name: string): boolean => Object.hasOwn(target, name)

/** The bytes of a binary value. */
export const bytesOf = (value: unknown): Uint8Array =>
  value instanceof Binary ? value.buffer.subarray(0, value.position) : (value as Uint8Array)

/** Unwraps int32 / double / int64 wrappers to number or bigint; a Decimal128 stays. */
export function numeric(value: unknown): number | bigint | Decimal128 {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  if (value instanceof Decimal128) return value
  const tagged = value as Tagged & { toBigInt?: () => bigint }
  if (tagged?._bsontype === 'Long' && tagged.toBigInt) return tagged.toBigInt()
  return Number(tagged?.value)
}

/** Any number as a JavaScript number, rounding where it must; anything else gives NaN. */
export function toNumber(value: unknown): number {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (!isNumber(value)) return Number.NaN
  const plain = numeric(value)
  return plain instanceof Decimal128 ? Number(plain.toString()) : Number(plain)
}

/** Type numbers of the BSON specification, 0 for missing. */
export function typeCode(value: unknown): number {
  switch (typeof value) {
    case 'undefined':
      return 0
    case 'number':
      return Number.isInteger(value) && Math.abs(value) <= 2147483647 && !Object.is(value, -0) ? 16 : 1
    case 'bigint':
      return 18
    case 'string':
      return 2
    case 'boolean':
      return 8
  }
  if (value === null) return 10
  if (Array.isArray(value)) return 4
  const tag = (value as Tagged)._bsontype
  if (typeof tag === 'string') return tagCode[tag] ?? 3
  if (value instanceof Date) return 9
  if (value instanceof RegExp) return 11
  if (value instanceof Uint8Array) return 5
  return 3
}

const tagCode: Record<string, number> = {
  Double: 1,
  Int32: 16,
  Long: 18,
  Decimal128: 19,
  ObjectId: 7,
  Binary: 5,
  UUID: 5,
  Timestamp: 17,
  BSONRegExp: 11,
  BSONSymbol: 14,
  Code: 13,
  MinKey: -1,
  MaxKey: 127,
}

/** Type aliases of `$type` (manual: "$type"). */
export const typeAliases: Readonly<Record<string, number>> = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  javascript: 13,
  symbol: 14,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: -1,
  maxKey: 127,
}

const nameOfCode = new Map(Object.entries(typeAliases).map(([name, code]) => [code, name]))

/** The `$type` alias of a value, "missing" for none. */
export const typeName = (value: unknown): string => nameOfCode.get(typeCode(value)) ?? 'missing'
