import { BSONRegExp } from 'bson'
import { compare, equal } from '../bson/index.ts'
import { type Doc, has, isObject, isRegex, Rank, rank } from '../bson/values.ts'
import { compileFilter, isOperators } from '../match/index.ts'

/** What a query says of one path, as far as an index can use it. */
export type Constraint = {
  points?: unknown[]
  low?: unknown
  high?: unknown
  hasLow?: boolean
  hasHigh?: boolean
  prefix?: string
}

const plainPrefix = /^\^([\p{L}\p{N} _@:/-]+)/u

function textPrefix(operand: unknown): string | undefined {
  const [source, options] =
    operand instanceof BSONRegExp
      ? [operand.pattern, operand.options]
      : operand instanceof RegExp
        ? [operand.source, operand.flags]
        : [operand, '']
  if (typeof source !== 'string' || options || source.includes('|')) return undefined
  const prefix = plainPrefix.exec(source)?.[1]
  if (prefix === undefined) return undefined
  const next = source[prefix.length + 1]
  // A quantifier makes the last letter optional.
  return next !== undefined && '?*{'.includes(next) ? [...prefix].slice(0, -1).join('') || undefined : prefix
}

const canBound = (value: unknown) => {
  const kind = rank(value)
  return kind !== Rank.null && kind !== Rank.array && kind !== Rank.minKey && kind !== Rank.maxKey && kind !== Rank.regex
}

function narrowToPoints(constraint: Constraint, values: unknown[]): void {
  if (values.some(Array.isArray)) return
  if (!constraint.points || values.length < constraint.points.length) constraint.points = values
}

function readOperator(constraint: Constraint, operator: string, operand: unknown, condition: Doc): void {
  switch (operator) {
    case '$eq':
      narrowToPoints(constraint, [operand])
      break
    case '$in':
      if (Array.isArray(operand) && !operand.some(isRegex)) narrowToPoints(constraint, operand)
      break
    case '$all':
      if (Array.isArray(operand) && operand.length > 0 && !isOperators(operand[0]) && !isRegex(operand[0]))
        narrowToPoints(constraint, [operand[0]])
      break
    case '$gt':
    case '$gte':
      if (canBound(operand) && (!constraint.hasLow || compare(operand, constraint.low) > 0))
        Object.assign(constraint, { low: operand, hasLow: true })
      break
    case '$lt':
    case '$lte':
      if (canBound(operand) && (!constraint.hasHigh || compare(operand, constraint.high) < 0))
        Object.assign(constraint, { high: operand, hasHigh: true })
      break
    case '$regex': {
      const prefix = condition.$options ? undefined : textPrefix(operand)
      if (prefix !== undefined) constraint.prefix = prefix
      break
    }
  }
}

/** By path. */
export type Constraints = Map<string, Constraint>

function readCondition(constraints: Constraints, path: string, condition: unknown): void {
  let constraint = constraints.get(path)
  if (!constraint) {
    constraint = {}
    constraints.set(path, constraint)
  }
  if (isRegex(condition)) {
    const prefix = textPrefix(condition)
    if (prefix !== undefined) constraint.prefix = prefix
  } else if (!isOperators(condition)) narrowToPoints(constraint, [condition])
  else {
    for (const [operator, operand] of Object.entries(condition)) {
      readOperator(constraint, operator, operand, condition)
      if (operator === '$elemMatch' && isObject(operand)) {
        if (isOperators(operand)) readCondition(constraints, path, operand)
        else readQuery(constraints, operand, `${path}.`)
      }
    }
  }
}

/** Notes what a query says. */
export function readQuery(constraints: Constraints, query: Doc, prefix = ''): void {
  for (const [name, operand] of Object.entries(query)) {
    if (name === '$and' && Array.isArray(operand)) for (const part of operand) readQuery(constraints, part as Doc, prefix)
    else if (!name.startsWith('$')) readCondition(constraints, prefix + name, operand)
  }
}

/** Whether every document of the query is in the partial index. */
export function impliesPartial(query: Doc, partial: Doc): boolean {
  return Object.entries(partial).every(([path, wanted]) => {
    if (path === '$and' && Array.isArray(wanted)) return wanted.every(part => impliesPartial(query, part as Doc))
    if (path.startsWith('$')) return false
    const given = has(query, path) ? query[path] : andClause(query, path)
    if (given === undefined) return false
    if (equal(given, wanted)) return true
    const test = compileFilter({ value: wanted })
    if (!isOperators(given)) return !isRegex(given) && test({ value: given })
    if (has(given, '$eq')) return test({ value: given.$eq })
    if (Array.isArray(given.$in)) return given.$in.every(value => test({ value }))
    if (isOperators(wanted) && wanted.$exists === true) {
      return Object.keys(given).some(
        operator => ['$gt', '$gte', '$lt', '$lte', '$regex', '$type'].includes(operator) && given[operator] !== null,
      )
    }
    return false
  })
}

function andClause(query: Doc, path: string): unknown {
  if (!Array.isArray(query.$and)) return undefined
  for (const part of query.$and as Doc[]) if (has(part, path)) return part[path]
  return undefined
}
