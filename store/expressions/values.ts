import { Decimal128 } from 'bson'
import { divideDecimal } from '../bson/decimal.ts'
import { compare } from '../bson/index.ts'
import { isNullish, isNumber, numeric, Rank, rank, toNumber, typeName } from '../bson/values.ts'
import { location, StoreError } from '../errors.ts'
import { asDouble, combine } from '../update/arithmetic.ts'
import { type Operators, onValues } from './types.ts'

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

/** Comparison and arithmetic, in MongoDB's order and with its kinds of numbers. */
export const valueOperators: Operators = {
  $eq: order(result => result === 0),
  $ne: order(result => result !== 0),
  $gt: order(result => result > 0),
  $gte: order(result => result >= 0),
  $lt: order(result => result < 0),
  $lte: order(result => result <= 0),
  $cmp: onValues(([left, right]) => compare(left, right)),
  $add: onValues(add),
  $subtract: onValues(subtract),
  $multiply: onValues(multiply),
  $divide: onValues(divide),
  $mod: onValues(modulo),
  $stdDevPop: onValues(values => deviation(numbersIn(values), 0)),
  $stdDevSamp: onValues(values => deviation(numbersIn(values), 1)),
  $sum: onValues(values => numbersIn(values).reduce((total: unknown, value) => combine('add', total, value), 0)),
  $avg: onValues(values => average(numbersIn(values))),
  $min: onValues(values => best(itemsIn(values), -1)),
  $max: onValues(values => best(itemsIn(values), 1)),
}
