import type { TextOrder } from '../bson/collation.ts'
import { compare, equal } from '../bson/compare.ts'
import { pathParts } from '../bson/path.ts'
import { patternOf } from '../bson/regex.ts'
import {
  bytesOf,
  type Doc,
  has,
  isNullish,
  isNumber,
  isObject,
  isPlainObject,
  isRegex,
  numeric,
  Rank,
  rank,
  toNumber,
  typeAliases,
  typeCode,
} from '../bson/values.ts'
import { badValue, failedToParse, notSupported } from '../errors.ts'
import type { MatchContext, Test } from './filter.ts'
import { walk } from './walk.ts'

/** What a predicate needs from the filter compiler, handed in because `$elemMatch` and `$not` hold filters again. */
export type Compiler = {
  context: MatchContext
  filter(query: Doc): Test
  field(path: string, condition: unknown): Test
}

type ValueTest = (value: unknown) => boolean

/** A condition made of operators such as `{ $gt: 1 }`. */
export function isOperators(value: unknown): value is Doc {
  if (!isPlainObject(value)) return false
  const first = Object.keys(value)[0]
  return first?.startsWith('$') === true && first !== '$ref' && first !== '$id' && first !== '$db'
}

const reach =
  (parts: string[], test: ValueTest, expand = true): Test =>
  doc =>
    walk(doc, parts, 0, test, expand)
const opposite =
  (test: Test): Test =>
  doc =>
    !test(doc)

function equality(parts: string[], wanted: unknown, text: TextOrder | undefined): Test {
  if (isNullish(wanted)) return reach(parts, isNullish)
  if (typeof wanted === 'string' && !text)
    return reach(parts, value => value === wanted || (typeof value === 'object' && equal(value, wanted)))
  return reach(parts, value => value !== undefined && equal(value, wanted, text))
}

const inequalities: Record<string, (order: number) => boolean> = {
  $gt: order => order > 0,
  $gte: order => order >= 0,
  $lt: order => order < 0,
  $lte: order => order <= 0,
}

function inequality(path: string, parts: string[], operator: string, bound: unknown, text: TextOrder | undefined): Test {
  if (isRegex(bound)) throw badValue(`Can't have RegEx as arg to predicate over field '${path}'.`)
  const holds = inequalities[operator] as (order: number) => boolean
  const kind = rank(bound)
  const acrossTypes = kind === Rank.minKey || kind === Rank.maxKey
  const boundIsNaN = kind === Rank.number && Number.isNaN(toNumber(bound))
  const orEqual = operator === '$gte' || operator === '$lte'
  return reach(parts, value => {
    if (value === undefined) return kind === Rank.null && orEqual
    // A comparison holds only within one type ("type bracketing").
    if (!acrossTypes && rank(value) !== kind) return false
    if (kind === Rank.number && boundIsNaN !== Number.isNaN(toNumber(value))) return false
    return holds(compare(value, bound, text))
  })
}

function membership(parts: string[], operator: string, list: unknown, text: TextOrder | undefined): Test {
  if (!Array.isArray(list)) throw badValue(`${operator} needs an array`)
  if (list.some(isOperators)) throw badValue(`cannot nest $ under ${operator}`)
  const regexes = list.filter(isRegex)
  const patterns = regexes.map(regex => patternOf(regex))
  const values = list.filter(item => !isRegex(item))
  const withNull = values.some(isNullish)
  const texts = !text && values.length > 8 && values.every(item => typeof item === 'string') ? new Set<unknown>(values) : null
  const sorted = texts || values.length <= 8 ? null : [...values].sort((a, b) => compare(a, b, text))
  return reach(parts, value => {
    if (isNullish(value)) return withNull
    if (texts ? texts.has(value) : sorted ? contains(sorted, value, text) : values.some(item => equal(item, value, text)))
      return true
    if (typeof value === 'string') return patterns.some(pattern => pattern.test(value))
    return regexes.length > 0 && isRegex(value) && regexes.some(regex => equal(regex, value))
  })
}

function contains(sorted: unknown[], value: unknown, text: TextOrder | undefined): boolean {
  let low = 0
  let high = sorted.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const order = compare(sorted[middle], value, text)
    if (order === 0) return true
    if (order < 0) low = middle + 1
    else high = middle - 1
  }
  return false
}

function typeTest(wanted: unknown): ValueTest {
  const tests = (Array.isArray(wanted) ? wanted : [wanted]).map((type): ValueTest => {
    if (type === 'number') return isNumber
    const code = typeof type === 'string' ? (has(typeAliases, type) ? typeAliases[type] : undefined) : toNumber(type)
    if (code === undefined) throw badValue(`Unknown type name alias: ${String(type)}`)
    if (!Number.isInteger(code)) throw badValue(`Invalid numerical type code: ${code}`)
    return value => typeCode(value) === code
  })
  return value => value !== undefined && tests.some(test => test(value))
}

function remainder(spec: unknown): ValueTest {
  if (!Array.isArray(spec)) throw badValue('malformed mod, needs to be an array')
  if (spec.length < 2) throw badValue('malformed mod, not enough elements')
  if (spec.length > 2) throw badValue('malformed mod, too many elements')
  const [divisor = 0, rest = 0] = spec.map(part => Math.trunc(toNumber(part)))
  if (!Number.isFinite(divisor) || !Number.isFinite(rest)) throw badValue('malformed mod, divisor not a number')
  if (divisor === 0) throw badValue('divisor cannot be 0')
  return value => isNumber(value) && Math.trunc(toNumber(value)) % divisor === rest
}

function size(spec: unknown): ValueTest {
  const wanted = isNumber(spec) ? toNumber(spec) : Number.NaN
  if (!Number.isInteger(wanted)) throw failedToParse('Failed to parse $size. Expected an integer')
  if (wanted < 0) throw badValue('$size may not be negative')
  return value => Array.isArray(value) && value.length === wanted
}

function all(path: string, parts: string[], spec: unknown, compiler: Compiler): Test {
  if (!Array.isArray(spec)) throw badValue('$all needs an array')
  const tests = spec.map((item): Test => {
    if (isOperators(item)) {
      if (!has(item, '$elemMatch')) throw badValue('no $ expressions in $all')
      return elementMatch(parts, item.$elemMatch, compiler)
    }
    return isRegex(item) ? compiler.field(path, item) : equality(parts, item, compiler.context.text)
  })
  return doc => tests.length > 0 && tests.every(test => test(doc))
}

const logical = new Set(['$and', '$or', '$nor', '$where', '$expr'])

/** A test of array elements, from `$elemMatch` and `$pull` conditions. */
export function elementTest(spec: Doc, compiler: Compiler): ValueTest {
  const onValues = isOperators(spec) && !Object.keys(spec).some(name => logical.has(name))
  if (onValues) {
    const test = compiler.field('value', spec)
    return item => test({ value: item })
  }
  const test = compiler.filter(spec)
  return item => (isObject(item) || Array.isArray(item)) && test(item as Doc)
}

function elementMatch(parts: string[], spec: unknown, compiler: Compiler): Test {
  if (!isObject(spec)) throw badValue('$elemMatch needs an Object')
  const test = elementTest(spec, compiler)
  return reach(parts, value => Array.isArray(value) && value.some(test), false)
}

function negation(path: string, spec: unknown, compiler: Compiler): Test {
  if (isRegex(spec)) return opposite(compiler.field(path, spec))
  if (!isOperators(spec)) throw badValue('$not needs a regex or a document')
  return opposite(compiler.field(path, spec))
}

const bigOf = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex') || '0'}`)

function bits(operator: string, spec: unknown): ValueTest {
  const mask = Array.isArray(spec)
    ? spec.reduce((sum: bigint, position) => sum | (1n << BigInt(toNumber(position))), 0n)
    : rank(spec) === Rank.binary
      ? bigOf(bytesOf(spec))
      : BigInt(Math.trunc(toNumber(spec)))
  return value => {
    let number: bigint
    if (isNumber(value)) {
      const plain = numeric(value)
      if (typeof plain !== 'bigint' && !Number.isInteger(toNumber(value))) return false
      number = BigInt.asUintN(64, typeof plain === 'bigint' ? plain : BigInt(toNumber(value)))
    } else if (rank(value) === Rank.binary) number = bigOf(bytesOf(value))
    else return false
    const common = number & mask
    if (operator === '$bitsAllSet') return common === mask
    if (operator === '$bitsAllClear') return common === 0n
    return operator === '$bitsAnySet' ? common !== 0n : common !== mask
  }
}

/** Compiles one operator on one path. */
export function predicate(path: string, operator: string, operand: unknown, condition: Doc, compiler: Compiler): Test {
  const parts = pathParts(path)
  const { text } = compiler.context
  switch (operator) {
    case '$eq':
      return equality(parts, operand, text)
    case '$ne':
      if (isRegex(operand)) throw badValue("Can't have regex as arg to $ne.")
      return opposite(equality(parts, operand, text))
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return inequality(path, parts, operator, operand, text)
    case '$in':
      return membership(parts, operator, operand, text)
    case '$nin':
      return opposite(membership(parts, operator, operand, text))
    case '$exists': {
      const wanted = typeof operand === 'boolean' ? operand : isNumber(operand) ? toNumber(operand) !== 0 : !isNullish(operand)
      const exists = reach(parts, value => value !== undefined, false)
      return doc => exists(doc) === wanted
    }
    case '$type':
      return reach(parts, typeTest(operand))
    case '$regex': {
      if (typeof operand !== 'string' && !isRegex(operand)) throw badValue('$regex has to be a string')
      const pattern = patternOf(operand, condition.$options === undefined ? undefined : String(condition.$options))
      return reach(parts, value => (typeof value === 'string' ? pattern.test(value) : isRegex(value) && equal(value, operand)))
    }
    case '$options':
      if (!has(condition, '$regex')) throw badValue('$options needs a $regex')
      return () => true
    case '$mod':
      return reach(parts, remainder(operand))
    case '$size':
      return reach(parts, size(operand), false)
    case '$all':
      return all(path, parts, operand, compiler)
    case '$elemMatch':
      return elementMatch(parts, operand, compiler)
    case '$not':
      return negation(path, operand, compiler)
    case '$bitsAllSet':
    case '$bitsAllClear':
    case '$bitsAnySet':
    case '$bitsAnyClear':
      return reach(parts, bits(operator, operand))
    case '$comment':
      return () => true
    case '$near':
    case '$nearSphere':
    case '$geoWithin':
    case '$geoIntersects':
      throw notSupported(operator)
    default:
      throw badValue(`unknown operator: ${operator}`)
  }
}
