import { Double } from 'bson'
import { addDecimal, multiplyDecimal } from '../bson/decimal.ts'
import { numeric, toNumber, typeCode } from '../bson/values.ts'
import { badValue } from '../errors.ts'

const int32 = 16
const int64 = 18
const decimal = 19
const double = 1

/** A JavaScript number as a BSON double even when it is whole. */
export const asDouble = (value: number): number | Double =>
  Number.isInteger(value) && Math.abs(value) <= 2147483648 && !Object.is(value, -0) ? new Double(value) : value

/**
 * Sum or product in the widest type of the two (manual: "$inc", "$mul").
 *
 * @throws StoreError 2 when an int64 overflows
 */
export function combine(operation: 'add' | 'multiply', left: unknown, right: unknown): unknown {
  const types = [typeCode(left), typeCode(right)]
  if (types.includes(decimal)) return operation === 'add' ? addDecimal(left, right) : multiplyDecimal(left, right)
  if (types.includes(double)) {
    const [a, b] = [toNumber(left), toNumber(right)]
    return asDouble(operation === 'add' ? a + b : a * b)
  }
  if (typeof left === 'number' && typeof right === 'number' && operation === 'add') {
    const sum = left + right
    return sum >= -2147483648 && sum <= 2147483647 ? sum : BigInt(sum)
  }
  const [a, b] = [BigInt(numeric(left) as number), BigInt(numeric(right) as number)]
  const result = operation === 'add' ? a + b : a * b
  if (BigInt.asIntN(64, result) !== result) throw badValue('Failed to apply $inc or $mul: the result does not fit an int64')
  const fitsInt32 = result >= -2147483648n && result <= 2147483647n
  return types.every(type => type === int32) && fitsInt32
    ? Number(result)
    : types.includes(int64) || !fitsInt32
      ? result
      : Number(result)
}
