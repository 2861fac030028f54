import { Decimal128, ObjectId } from 'bson'
import { toDecimal } from '../bson/decimal.ts'
import type { Doc } from '../bson/index.ts'
import { bytesOf, isNullish, isNumber, numeric, Rank, rank, toNumber, typeCode, typeName } from '../bson/values.ts'
import { StoreError } from '../errors.ts'
import { asDouble } from '../update/arithmetic.ts'
import { type Operators, onValue, onValues } from './types.ts'

function cannotConvert(value: unknown, to: string): never {
  throw new StoreError(
    241,
    'ConversionFailure',
    `Failed to parse or convert ${typeName(value)} to ${to} in $convert with no onError value`,
  )
}

const bits = { int: 31n, long: 63n }

function wholeNumber(value: unknown): bigint | null {
  if (typeof value === 'string') return /^[+-]?\d+$/.test(value) ? BigInt(value.replace('+', '')) : null
  if (typeof value === 'boolean') return value ? 1n : 0n
  const plain = rank(value) === Rank.date ? (value as Date).getTime() : isNumber(value) ? numeric(value) : Number.NaN
  if (typeof plain === 'bigint') return plain
  const number = Math.trunc(toNumber(plain))
  return Number.isFinite(number) ? BigInt(number) : null
}

function toInteger(value: unknown, to: 'int' | 'long'): unknown {
  const whole = wholeNumber(value)
  const limit = 1n << bits[to]
  if (whole === null || whole < -limit || whole >= limit) return cannotConvert(value, to)
  return to === 'int' ? Number(whole) : whole
}

function toDouble(value: unknown): unknown {
  if (rank(value) === Rank.date) return asDouble((value as Date).getTime())
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : toNumber(value)
  if (Number.isNaN(number) && !isNumber(value)) cannotConvert(value, 'double')
  return asDouble(number)
}

function toDate(value: unknown): unknown {
  if (rank(value) === Rank.date) return value
  if (value instanceof ObjectId) return value.getTimestamp()
  const date =
    isNumber(value) && typeCode(value) !== 16
      ? new Date(toNumber(value))
      : typeof value === 'string'
        ? new Date(/\d{4}-\d\d-\d\dT[\d:.]+$/.test(value) ? `${value}Z` : value)
        : new Date(Number.NaN)
  return Number.isNaN(date.getTime()) ? cannotConvert(value, 'date') : date
}

function toText(value: unknown): unknown {
  if (typeof value === 'string') return value
  if (value instanceof ObjectId) return value.toHexString()
  if (rank(value) === Rank.date) return (value as Date).toISOString()
  if (typeof value === 'boolean') return String(value)
  if (isNumber(value)) return String(numeric(value))
  return cannotConvert(value, 'string')
}

function toObjectId(value: unknown): unknown {
  if (value instanceof ObjectId) return value
  if (typeof value === 'string' && /^[0-9a-f]{24}$/i.test(value)) return new ObjectId(value)
  return cannotConvert(value, 'objectId')
}

const toBool = (value: unknown): unknown => (typeof value === 'boolean' ? value : isNumber(value) ? toNumber(value) !== 0 : true)

const conversions: Record<string, (value: unknown) => unknown> = {
  int: value => toInteger(value, 'int'),
  long: value => toInteger(value, 'long'),
  double: toDouble,
  decimal: value =>
    typeof value === 'string'
      ? Decimal128.fromString(value)
      : isNumber(value)
        ? toDecimal(value)
        : cannotConvert(value, 'decimal'),
  date: toDate,
  string: toText,
  objectId: toObjectId,
  bool: toBool,
}
const typeNumbers: Record<number, string> = {
  1: 'double',
  2: 'string',
  7: 'objectId',
  8: 'bool',
  9: 'date',
  16: 'int',
  18: 'long',
  19: 'decimal',
}

const converting = (to: string) => onValue(value => (isNullish(value) ? null : conversions[to]?.(value)))

/** From one type to another, and what a value is. */
export const conversionOperators: Operators = {
  $toInt: converting('int'),
  $toLong: converting('long'),
  $toDouble: converting('double'),
  $toDecimal: converting('decimal'),
  $toDate: converting('date'),
  $toString: converting('string'),
  $toObjectId: converting('objectId'),
  $toBool: converting('bool'),
  $convert: (operand, compile, name) => {
    const spec = operand as Doc
    const [input, to] = [compile(spec.input), compile(spec.to)]
    const onNull = compile(spec.onNull ?? null)
    const onError = 'onError' in spec ? compile(spec.onError) : null
    return (doc, variables) => {
      const value = input(doc, variables)
      if (isNullish(value)) return onNull(doc, variables)
      const wanted = to(doc, variables)
      const convert = conversions[isNumber(wanted) ? (typeNumbers[toNumber(wanted)] ?? '') : String(wanted)]
      if (!convert) throw new StoreError(2, 'BadValue', `Unknown type name in ${name}: ${String(wanted)}`)
      try {
        return convert(value)
      } catch (error) {
        if (!onError) throw error
        return onError(doc, variables)
      }
    }
  },
  $indexOfCP: onValues(([text, part, start, end]) => {
    if (isNullish(text)) return null
    const from = isNullish(start) ? 0 : toNumber(start)
    const letters = [...String(text)]
    const found = letters
      .slice(0, isNullish(end) ? letters.length : toNumber(end))
      .slice(from)
      .join('')
      .indexOf(String(part))
    return found < 0 ? -1 : from + [...letters.slice(from).join('').slice(0, found)].length
  }),
  $binarySize: onValue(value =>
    isNullish(value) ? null : typeof value === 'string' ? Buffer.byteLength(value) : bytesOf(value).length,
  ),
  $type: onValue(typeName),
  $isNumber: onValue(isNumber),
  $isArray: onValue(value => Array.isArray(value)),
}
