import { isDeepStrictEqual } from 'node:util'
import { EJSON } from 'bson'

/*
 * Matching of MongoDB's unified test format (github mongodb/specifications, source/unified-test-format), as far as the CRUD, transaction and
 * retryable-write files use it.
 */

type Entities = Map<string, unknown>

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value) && !('_bsontype' in value) && !(value instanceof Date)

const plain = (value: unknown): unknown =>
  value === undefined ? undefined : EJSON.parse(EJSON.stringify(value, { relaxed: true }), { relaxed: true })

const types: Record<string, (value: unknown) => boolean> = {
  int: Number.isInteger,
  long: value => Number.isInteger(value),
  double: value => typeof value === 'number',
  number: value => typeof value === 'number',
  string: value => typeof value === 'string',
  object: isObject,
  array: Array.isArray,
  bool: value => typeof value === 'boolean',
  date: value => value instanceof Date,
  objectId: value => (value as { _bsontype?: string })?._bsontype === 'ObjectId',
}

function special(
  expected: Record<string, unknown>,
  actual: unknown,
  entities: Entities,
  root: boolean,
): string | null | undefined {
  const [operator] = Object.keys(expected)
  const operand = expected[operator ?? '']
  switch (operator) {
    case '$$exists':
      return (actual !== undefined) === operand ? null : `existence is not ${operand}`
    case '$$type': {
      const wanted = [operand].flat() as string[]
      return wanted.some(type => types[type]?.(actual)) ? null : `type is not ${wanted.join()}`
    }
    case '$$unsetOrMatches':
      return actual === undefined || actual === null ? null : mismatch(operand, actual, entities, root)
    case '$$matchesEntity':
      return mismatch(entities.get(String(operand)), actual, entities, false)
    case '$$sessionLsid':
      return null
    default:
      return undefined
  }
}

/** Why a value does not match, null when it does. Root documents may hold more than expected. */
export function mismatch(expected: unknown, actual: unknown, entities: Entities, root = true): string | null {
  if (isObject(expected)) {
    if (Object.keys(expected)[0]?.startsWith('$$')) {
      const result = special(expected, actual, entities, root)
      if (result !== undefined) return result
    }
    if (!isObject(actual)) return `expected a document, got ${JSON.stringify(actual)}`
    for (const [name, value] of Object.entries(expected)) {
      const reason = mismatch(value, actual[name], entities, false)
      if (reason) return `${name}: ${reason}`
    }
    const extra = root ? undefined : Object.keys(actual).find(name => !(name in expected) && actual[name] !== undefined)
    return extra ? `unexpected field ${extra}` : null
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length)
      return `expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`
    for (const [index, value] of expected.entries()) {
      const reason = mismatch(value, actual[index], entities, root)
      if (reason) return `${index}: ${reason}`
    }
    return null
  }
  return isDeepStrictEqual(plain(expected), plain(actual))
    ? null
    : `expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`
}
