import { BSONRegExp, Decimal128, Double, Int32, Long } from 'bson'
import { Context, evalExpr } from 'mingo/core'
import * as expressionOperators from 'mingo/operators/expression'
import { type Doc, toRegExp } from '../bson/index.ts'
import { isPlainObject } from '../bson/values.ts'
import { StoreError } from '../errors.ts'
import type { ExpressionOperator } from './types.ts'

/*
 * Text, date, trigonometry and the like come from mingo, one operator at a time and only with evaluated operands: everything where MongoDB's
 * types and order matter is decided here.
 */

const library: Record<string, unknown> = { ...expressionOperators }
const refused = new Set(['$function', '$sampleRate', '$toHashedIndexKey'])
// Taking one value, which may also come in a list of one.
const unary = new Set(
  '$toUpper $toLower $strLenCP $strLenBytes $abs $ceil $exp $floor $ln $log10 $sqrt $arrayToObject $objectToArray $isoWeek $isoWeekYear $isoDayOfWeek $year $month $week $dayOfMonth $dayOfWeek $dayOfYear $hour $minute $second $millisecond'.split(
    ' ',
  ),
)
const context = Context.init({ expression: expressionOperators as never })
const options = {
  context,
  idKey: '_id',
  scriptEnabled: false,
  useStrictMode: true,
  failOnError: true,
  processingMode: 0,
} as never

/** Numbers without their BSON wrapping: what mingo works with. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : Long.fromBigInt(value)
  if (value instanceof Double || value instanceof Int32) return Number(value.value)
  if (value instanceof BSONRegExp) return toRegExp(value.pattern, value.options)
  if (value instanceof Decimal128 || value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(plain)
  if (!isPlainObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)]))
}

const literal = (value: unknown) => ({ $literal: plain(value) })

function call(name: string, operand: unknown): unknown {
  try {
    return evalExpr({}, { [name]: operand } as never, options) as unknown
  } catch (error) {
    if (error instanceof StoreError) throw error
    throw new StoreError(2, 'BadValue', `${name}: ${(error as Error).message}`)
  }
}

/** Gives the library's operator of that name, null when there is none. */
export function libraryOperator(name: string): ExpressionOperator | null {
  if (refused.has(name) || typeof library[name] !== 'function') return null
  return (sent, compile) => {
    const operand: unknown = unary.has(name) && Array.isArray(sent) && sent.length === 1 ? sent[0] : sent
    if (Array.isArray(operand) && !unary.has(name)) {
      const parts = operand.map(compile)
      return (doc, variables) =>
        call(
          name,
          parts.map(part => literal(part(doc, variables))),
        )
    }
    if (isPlainObject(operand) && !Object.keys(operand)[0]?.startsWith('$')) {
      const fields = Object.entries(operand).map(([field, value]) => ({ field, evaluate: compile(value) }))
      return (doc, variables) => {
        const spec: Doc = {}
        for (const { field, evaluate } of fields) {
          const value = evaluate(doc, variables)
          if (value !== undefined) spec[field] = literal(value)
        }
        return call(name, spec)
      }
    }
    const part = compile(operand)
    return (doc, variables) => call(name, literal(part(doc, variables)))
  }
}
