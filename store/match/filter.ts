import type { TextOrder } from '../bson/collation.ts'
import { type Doc, isNumber, isObject, isRegex, toNumber } from '../bson/values.ts'
import { badValue, notSupported, StoreError } from '../errors.ts'
import { type Compiler, elementTest, isOperators, predicate } from './predicates.ts'

/** Tells whether a document matches. */
export type Test = (doc: Doc) => boolean

/** What filters need from outside: a compiler for `$expr`, and the order of texts when it is not the binary one. */
export type MatchContext = { expression?: (expression: unknown) => (doc: Doc) => unknown; text?: TextOrder | undefined }

const always: Test = () => true

function every(tests: Test[]): Test {
  const [only] = tests
  if (!only) return always
  if (tests.length === 1) return only
  return doc => {
    for (const test of tests) if (!test(doc)) return false
    return true
  }
}

/** Truth as `$expr` and `$and` expressions see it: false, null, missing and any zero are false. */
export function truthy(value: unknown): boolean {
  if (value === false || value === null || value === undefined) return false
  return !isNumber(value) || toNumber(value) !== 0
}

function clauses(operator: string, operand: unknown, compiler: Compiler): Test[] {
  if (!Array.isArray(operand) || operand.length === 0) throw badValue(`${operator} argument must be a non-empty array`)
  return operand.map(clause => {
    if (!isObject(clause)) throw badValue(`${operator} argument's entries must be objects`)
    return compiler.filter(clause)
  })
}

function expressionTest(operand: unknown, context: MatchContext): Test {
  if (!context.expression) throw new StoreError(224, 'QueryFeatureNotAllowed', '$expr is not allowed in this context')
  const evaluate = context.expression(operand)
  return doc => truthy(evaluate(doc))
}

function topLevel(operator: string, operand: unknown, compiler: Compiler): Test {
  switch (operator) {
    case '$and':
      return every(clauses(operator, operand, compiler))
    case '$or': {
      const tests = clauses(operator, operand, compiler)
      return doc => tests.some(test => test(doc))
    }
    case '$nor': {
      const tests = clauses(operator, operand, compiler)
      return doc => !tests.some(test => test(doc))
    }
    case '$expr':
      return expressionTest(operand, compiler.context)
    case '$comment':
    case '$alwaysTrue':
      return always
    case '$alwaysFalse':
      return () => false
    case '$text':
      throw new StoreError(27, 'IndexNotFound', 'text index required for $text query')
    case '$where':
    case '$jsonSchema':
      throw notSupported(operator)
    default:
      throw badValue(
        `unknown top level operator: ${operator}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
      )
  }
}

function compilerFor(context: MatchContext): Compiler {
  const compiler: Compiler = {
    context,
    filter: query => {
      const tests: Test[] = []
      for (const [name, operand] of Object.entries(query)) {
        const isField = !name.startsWith('$') || name === '$id' || name === '$ref' || name === '$db'
        tests.push(isField ? compiler.field(name, operand) : topLevel(name, operand, compiler))
      }
      return every(tests)
    },
    field: (path, condition) => {
      if (isRegex(condition)) return predicate(path, '$regex', condition, {}, compiler)
      if (!isOperators(condition)) return predicate(path, '$eq', condition, {}, compiler)
      return every(
        Object.entries(condition).map(([operator, operand]) => {
          if (!operator.startsWith('$')) throw badValue(`unknown operator: ${operator}`)
          return predicate(path, operator, operand, condition, compiler)
        }),
      )
    },
  }
  return compiler
}

/**
 * Compiles a query filter (manual: "Query Predicates").
 *
 * @throws StoreError with MongoDB's code for what is wrong or not supported
 */
export const compileFilter = (query: Doc | undefined, context: MatchContext = {}): Test =>
  compilerFor(context).filter(query ?? {})

/** Compiles the conditions on one path of a filter. */
export const compileField = (path: string, condition: unknown, context: MatchContext = {}): Test =>
  compilerFor(context).field(path, condition)

/** Compiles conditions on an array element, as `$elemMatch`, `$pull` and array filters take them. */
export const compileElement = (spec: Doc, context: MatchContext = {}): ((item: unknown) => boolean) =>
  elementTest(spec, compilerFor(context))
