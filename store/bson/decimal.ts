import { Decimal128 } from 'bson'
import { numeric } from './values.ts'

/** An exact decimal: digits times ten to the exponent. */
export type Exact = { digits: bigint; exponent: number }

function parse(text: string): Exact | number {
  if (/nan/i.test(text)) return Number.NaN
  if (/inf/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  const parts = /^(-?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text)
  if (!parts) return Number.NaN
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts
  return { digits: BigInt(sign + (whole + fraction || '0')), exponent: Number(exponent) - fraction.length }
}

/** The shortest decimal that a double prints as: MongoDB widens doubles to 15 digits, which agrees for the values people enter. */
const doubleText = (value: number) => (Number.isInteger(value) ? BigInt(value).toString() : String(value))

/** Any finite number as an exact decimal; NaN and infinities come back as they are. */
export function exact(value: unknown): Exact | number {
  const plain = numeric(value)
  if (plain instanceof Decimal128) return parse(plain.toString())
  if (typeof plain === 'bigint') return { digits: plain, exponent: 0 }
  return Number.isFinite(plain) ? parse(doubleText(plain)) : plain
}

/** The same value without trailing zeros, so that equal values have equal parts. */
export function shortest(value: Exact): Exact {
  if (value.digits === 0n) return { digits: 0n, exponent: 0 }
  let { digits, exponent } = value
  while (digits % 10n === 0n) {
    digits /= 10n
    exponent++
  }
  return { digits, exponent }
}

/** Brings two exact decimals to one exponent. */
export function align(left: Exact, right: Exact): [bigint, bigint, number] {
  const exponent = Math.min(left.exponent, right.exponent)
  return [
    left.digits * 10n ** BigInt(left.exponent - exponent),
    right.digits * 10n ** BigInt(right.exponent - exponent),
    exponent,
  ]
}

const decimal = (digits: bigint, exponent: number) => Decimal128.fromStringWithRounding(`${digits}E${exponent}`)

function calculate(
  left: unknown,
  right: unknown,
  work: (a: Exact, b: Exact) => Decimal128,
  infinite: (a: number, b: number) => number,
): Decimal128 {
  const a = exact(left)
  const b = exact(right)
  if (typeof a !== 'number' && typeof b !== 'number') return work(a, b)
  const sizeOf = (x: Exact | number) => (typeof x === 'number' ? x : Number(x.digits))
  const result = infinite(sizeOf(a), sizeOf(b))
  return Decimal128.fromString(Number.isNaN(result) ? 'NaN' : result > 0 ? 'Infinity' : '-Infinity')
}

/** Sum as Decimal128. */
export const addDecimal = (left: unknown, right: unknown): Decimal128 =>
  calculate(
    left,
    right,
    (a, b) => {
      const [x, y, exponent] = align(a, b)
      return decimal(x + y, exponent)
    },
    (a, b) => a + b,
  )

/** Product as Decimal128. */
export const multiplyDecimal = (left: unknown, right: unknown): Decimal128 =>
  calculate(
    left,
    right,
    (a, b) => decimal(a.digits * b.digits, a.exponent + b.exponent),
    (a, b) => a * b,
  )

/** Quotient as Decimal128, 34 significant digits. */
export const divideDecimal = (left: unknown, right: unknown): Decimal128 =>
  calculate(
    left,
    right,
    (a, b) => {
      const scale = 40n
      return decimal((a.digits * 10n ** scale) / b.digits, a.exponent - b.exponent - Number(scale))
    },
    (a, b) => a / b,
  )

/** The value as Decimal128. */
export function toDecimal(value: unknown): Decimal128 {
  const plain = numeric(value)
  if (plain instanceof Decimal128) return plain
  const parts = exact(plain)
  return Decimal128.fromStringWithRounding(typeof parts === 'number' ? String(parts) : `${parts.digits}E${parts.exponent}`)
}
