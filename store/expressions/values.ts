import { Decimal128, ObjectId } from 'bson'
import { divideDecimal, toDecimal } from '../bson/decimal.ts'
import { compare, type Doc, equal, identityOf } from '../bson/index.ts'
import { bytesOf, isNullish, isNumber, isObject, numeric, Rank, rank, toNumber, typeCode, typeName } from '../bson/values.ts'
import { location, StoreError } from '../errors.ts'
import { compileSort } from '../match/index.ts'
import { asDouble, combine } from '../update/arithmetic.ts'
import { type Operators, onValue, onValues } from './types.ts'

const order = (holds: (result: number) => boolean) =>
  onValues(values => {
    const [left, right] = values
    // In expressions a missing field is less than null, unlike in queries.
    const result =
      (left === undefined) === (right === undefined)
        ? compare(left, right)
        : left === undefined && right === null
          ? -1
          : left === null && right === undefined
            ? 1
            : compare(left, right)
    return holds(result)
  })

function numbersOrDates(values: unknown[], name: string): void {
  for (const value of values) {
    if (!isNumber(value) && rank(value) !== Rank.date) {
      throw new StoreError(14, 'TypeMismatch', `${name} only supports numeric or date types, not ${typeName(value)}`)
    }
  }
}

function add(values: unknown[], name: string): unknown {
  if (values.some(isNullish)) return null
  numbersOrDates(values, name)
  const dates = values.filter(value => rank(value) === Rank.date)
  if (dates.length > 1) throw location(16612, 'only one date allowed in an $add expression')
  const sum = values.filter(isNumber).reduce((total: unknown, value) => combine('add', total, value), 0)
  return dates.length === 1 ? new Date((dates[0] as Date).getTime() + toNumber(sum)) : sum
}

function negative(value: unknown): unknown {
  return combine('multiply', value, -1)
}

function subtract([left, right]: unknown[], name: string): unknown {
  if (isNullish(left) || isNullish(right)) return null
  numbersOrDates([left, right], name)
  const [leftDate, rightDate] = [rank(left) === Rank.date, rank(right) === Rank.date]
  if (leftDate && rightDate) return BigInt((left as Date).getTime() - (right as Date).getTime())
  if (leftDate) return new Date((left as Date).getTime() - toNumber(right))
  if (rightDate) throw new StoreError(14, 'TypeMismatch', "can't $subtract a date from a number")
  return combine('add', left, negative(right))
}

function multiply(values: unknown[], name: string): unknown {
  if (values.some(isNullish)) return null
  for (const value of values)
    if (!isNumber(value)) throw new StoreError(14, 'TypeMismatch', `${name} only supports numeric types, not ${typeName(value)}`)
  return values.reduce((product, value) => combine('multiply', product, value), 1)
}

function divide([left, right]: unknown[]): unknown {
  if (isNullish(left) || isNullish(right)) return null
  if (!isNumber(left) || !isNumber(right)) {
    throw new StoreError(14, 'TypeMismatch', `$divide only supports numeric types, not ${typeName(left)} and ${typeName(right)}`)
  }
  if (toNumber(right) === 0) throw new StoreError(2, 'BadValue', "can't $divide by zero")
  if (left instanceof Decimal128 || right instanceof Decimal128) return divideDecimal(left, right)
  return asDouble(toNumber(left) / toNumber(right))
}

function modulo([left, right]: unknown[]): unknown {
  if (isNullish(left) || isNullish(right)) return null
  if (!isNumber(left) || !isNumber(right))
    throw location(16611, `$mod only supports numeric types, not ${typeName(left)} and ${typeName(right)}`)
  if (toNumber(right) === 0) throw location(16610, "can't $mod by zero")
  const [a, b] = [numeric(left), numeric(right)]
  if (typeof a === 'bigint' && typeof b === 'bigint') return a % b
  return toNumber(left) % toNumber(right)
}

function cannotConvert(value: unknown, to: string): never {
  throw new StoreError(
    241,
    'ConversionFailure',
    `Failed to parse or convert ${typeName(value)} to ${to} in $convert with no onError value`,
  )
}

function toInteger(value: unknown, to: 'int' | 'long'): unknown {
  const kind = rank(value)
  const number =
    kind === Rank.date
      ? (value as Date).getTime()
      : typeof value === 'string' && /^[+-]?\d+$/.test(value)
        ? Number(value)
        : isNumber(value) || typeof value === 'boolean'
          ? Math.trunc(toNumber(value))
          : Number.NaN
  const limit = to === 'int' ? 2147483647 : 2 ** 63
  if (!Number.isFinite(number) || Math.abs(number) > limit) cannotConvert(value, to)
  if (to === 'int') return number
  return typeof value === 'bigint' ? value : BigInt(typeof value === 'string' ? value : number)
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
        ? new Date(value)
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

function listArgument(value: unknown, name: string): unknown[] | null {
  if (isNullish(value)) return null
  if (!Array.isArray(value)) throw location(17053, `${name} requires array arguments, but got ${typeName(value)}`)
  return value
}

const unique = (list: unknown[]): unknown[] => [...new Map(list.map(item => [identityOf(item), item])).values()]
const identities = (list: unknown[]) => new Set(list.map(identityOf))

const sets = (work: (lists: unknown[][]) => unknown) =>
  onValues((values, name) => {
    const lists = values.map(value => listArgument(value, name))
    return lists.some(list => list === null) ? null : work(lists as unknown[][])
  })

const numbersIn = (values: unknown[]) => (values.length === 1 && Array.isArray(values[0]) ? values[0] : values).filter(isNumber)
const itemsIn = (values: unknown[]) =>
  (values.length === 1 && Array.isArray(values[0]) ? values[0] : values).filter(item => !isNullish(item))
const best = (values: unknown[], sign: number) =>
  values.length === 0 ? null : values.reduce((chosen, value) => (compare(value, chosen) * sign > 0 ? value : chosen))

/** Standard deviation; `missing` 1 for a sample. Null when there are too few numbers. */
export function deviation(values: unknown[], missing: 0 | 1): number | null {
  const numbers = values.map(toNumber)
  if (numbers.length <= missing) return null
  const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length
  return Math.sqrt(numbers.reduce((total, value) => total + (value - mean) ** 2, 0) / (numbers.length - missing))
}

/** Mean of numbers, null for none. */
export function average(numbers: unknown[]): unknown {
  if (numbers.length === 0) return null
  const sum = numbers.reduce((total: unknown, value) => combine('add', total, value), 0)
  return sum instanceof Decimal128 ? divideDecimal(sum, numbers.length) : asDouble(toNumber(sum) / numbers.length)
}

function elementAt([list, position]: unknown[]): unknown {
  if (isNullish(list) || isNullish(position)) return null
  if (!Array.isArray(list)) throw location(28689, `$arrayElemAt's first argument must be an array, but is ${typeName(list)}`)
  return list.at(toNumber(position))
}

/** Operators where MongoDB's types or order matter: comparison, arithmetic, conversion, sets, arrays. */
export const valueOperators: Operators = {
  $eq: order(result => result === 0),
  $ne: order(result => result !== 0),
  $gt: order(result => result > 0),
  $gte: order(result => result >= 0),
  $lt: order(result => result < 0),
  $lte: order(result => result <= 0),
  $cmp: onValues(([left, right]) => compare(left, right)),
  $in: onValues(([item, list]) => {
    if (!Array.isArray(list)) throw location(40081, `$in requires an array as a second argument, found: ${typeName(list)}`)
    return list.some(member => equal(member, item))
  }),
  $add: onValues(add),
  $subtract: onValues(subtract),
  $multiply: onValues(multiply),
  $divide: onValues(divide),
  $mod: onValues(modulo),
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
  $stdDevPop: onValues(values => deviation(numbersIn(values), 0)),
  $stdDevSamp: onValues(values => deviation(numbersIn(values), 1)),
  $type: onValue(typeName),
  $isNumber: onValue(isNumber),
  $isArray: onValue(value => Array.isArray(value)),
  $size: onValue(value => {
    if (!Array.isArray(value))
      throw location(17124, `The argument to $size must be an array, but was of type: ${typeName(value)}`)
    return value.length
  }),
  $arrayElemAt: onValues(elementAt),
  $first: onValue(value => (Array.isArray(value) ? value[0] : null)),
  $last: onValue(value => (Array.isArray(value) ? value.at(-1) : null)),
  $concatArrays: sets(lists => lists.flat(1)),
  $reverseArray: sets(([list = []]) => [...list].reverse()),
  $indexOfArray: onValues(([list, item]) =>
    isNullish(list) ? null : (list as unknown[]).findIndex(member => equal(member, item)),
  ),
  $sortArray: (operand, compile) => {
    const spec = operand as Doc
    const input = compile(spec.input)
    const sorter = isObject(spec.sortBy) ? compileSort(spec.sortBy) : null
    const sign = sorter ? 1 : toNumber(spec.sortBy)
    return (doc, variables) => {
      const list = listArgument(input(doc, variables), '$sortArray')
      if (!list) return null
      if (!sorter) return [...list].sort((a, b) => compare(a, b) * sign)
      const keyed = list.map(item => ({ item, key: sorter.keyOf(isObject(item) ? item : {}) }))
      return keyed.sort((a, b) => sorter.order(a.key, b.key)).map(({ item }) => item)
    }
  },
  $setUnion: sets(lists => unique(lists.flat(1))),
  $setIntersection: sets(([first = [], ...rest]) => {
    const others = rest.map(identities)
    return unique(first.filter(item => others.every(set => set.has(identityOf(item)))))
  }),
  $setDifference: sets(([first = [], second = []]) => {
    const gone = identities(second)
    return unique(first.filter(item => !gone.has(identityOf(item))))
  }),
  $setEquals: sets(([first = [], ...rest]) => {
    const wanted = identities(first)
    return rest.every(list => {
      const set = identities(list)
      return set.size === wanted.size && [...set].every(item => wanted.has(item))
    })
  }),
  $setIsSubset: sets(([first = [], second = []]) => {
    const all = identities(second)
    return first.every(item => all.has(identityOf(item)))
  }),
  $sum: onValues(values => numbersIn(values).reduce((total: unknown, value) => combine('add', total, value), 0)),
  $avg: onValues(values => average(numbersIn(values))),
  $min: onValues(values => best(itemsIn(values), -1)),
  $max: onValues(values => best(itemsIn(values), 1)),
}
