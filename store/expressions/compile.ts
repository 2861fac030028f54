import { type Doc, pathParts, setField } from '../bson/index.ts'
import { has, isObject, isPlainObject } from '../bson/values.ts'
import { location, StoreError } from '../errors.ts'
import { control } from './control.ts'
import { conversionOperators } from './convert.ts'
import { dateOperators } from './dates.ts'
import { libraryOperator } from './library.ts'
import { listOperators } from './lists.ts'
import { regexOperators } from './regex.ts'
import type { Compile, Evaluate, ExpressionOperator, Operators } from './types.ts'
import { valueOperators } from './values.ts'

const own: Operators = {
  ...valueOperators,
  ...conversionOperators,
  ...listOperators,
  ...dateOperators,
  ...regexOperators,
  ...control,
}

/** The value of a field path in an expression: through an array it gives the list of what the elements have. */
export function fieldPath(value: unknown, parts: readonly string[], from = 0): unknown {
  let current = value
  for (let i = from; i < parts.length; i++) {
    const part = parts[i] as string
    if (Array.isArray(current)) {
      const found = current.filter(item => isObject(item) || Array.isArray(item)).map(item => fieldPath(item, parts, i))
      return found.filter(item => item !== undefined)
    }
    if (!isObject(current) || !has(current, part)) return undefined
    current = current[part]
  }
  return current
}

function variable(text: string): Evaluate {
  const [name = '', ...parts] = pathParts(text)
  if (name === 'ROOT' || name === 'CURRENT') {
    return (doc, variables) => fieldPath(name === 'ROOT' && has(variables, 'ROOT') ? variables.ROOT : doc, parts)
  }
  if (name === 'REMOVE') return () => undefined
  if (name === 'NOW') return (_doc, variables) => fieldPath(variables.NOW, parts)
  if (!/^[a-z\u0080-\uffff][\w\u0080-\uffff]*$/i.test(name))
    throw new StoreError(9, 'FailedToParse', `'${name}' is not a valid variable name`)
  return (_doc, variables) => {
    if (!has(variables, name)) throw location(17276, `Use of undefined variable: ${name}`)
    return fieldPath(variables[name], parts)
  }
}

function fieldReference(text: string): Evaluate {
  const parts = pathParts(text)
  if (text === '') throw location(16872, "'$' by itself is not a valid FieldPath")
  if (parts.includes('')) throw location(15998, 'FieldPath field names may not be empty strings.')
  const [only] = parts
  if (parts.length === 1 && only !== undefined)
    return doc => (isObject(doc) && has(doc, only) ? doc[only] : fieldPath(doc, parts))
  return doc => fieldPath(doc, parts)
}

const getField: ExpressionOperator = (operand, compile) => {
  const spec: Doc = isPlainObject(operand) && 'field' in operand ? operand : { field: operand }
  const field = compile(spec.field)
  const input = 'input' in spec ? compile(spec.input) : (doc: unknown) => doc
  return (doc, variables) => {
    const [name, from] = [field(doc, variables), input(doc, variables)]
    return isObject(from) && typeof name === 'string' && has(from, name) ? from[name] : undefined
  }
}

const setFieldOperator: ExpressionOperator = (operand, compile) => {
  const spec = operand as Doc
  const [field, input] = [compile(spec.field), compile(spec.input)]
  const value = 'value' in spec ? compile(spec.value) : () => undefined
  return (doc, variables) => {
    const target = input(doc, variables)
    if (!isObject(target)) return null
    const [name, result] = [String(field(doc, variables)), value(doc, variables)]
    const { [name]: _, ...rest } = target
    return result === undefined ? rest : { ...target, [name]: result }
  }
}

const structural: Operators = { $getField: getField, $setField: setFieldOperator, $unsetField: setFieldOperator }

/** Operators that are decided in this folder; the others come from the library. */
export const ownExpressions = [...Object.keys(own), ...Object.keys(structural)]

function operator(name: string, operand: unknown): Evaluate {
  const known = own[name] ?? structural[name] ?? libraryOperator(name)
  if (!known) throw new StoreError(168, 'InvalidPipelineOperator', `Unrecognized expression '${name}'`)
  return known(operand, compileExpression, name)
}

function object(spec: Doc): Evaluate {
  const names = Object.keys(spec)
  const [first] = names
  if (first?.startsWith('$')) {
    if (names.length > 1) throw location(15983, 'An object representing an expression must have exactly one field')
    return operator(first, spec[first])
  }
  const fields = names.map(name => ({ name, evaluate: compileExpression(spec[name]) }))
  return (doc, variables) => {
    const out: Doc = {}
    for (const { name, evaluate } of fields) {
      const value = evaluate(doc, variables)
      if (value !== undefined) setField(out, name, value)
    }
    return out
  }
}

/**
 * Compiles an aggregation expression (manual: "Expressions").
 *
 * @throws StoreError 168 for an operator that is not known
 */
export const compileExpression: Compile = expression => {
  if (typeof expression === 'string' && expression.startsWith('$')) {
    return expression.startsWith('$$') ? variable(expression.slice(2)) : fieldReference(expression.slice(1))
  }
  if (Array.isArray(expression)) {
    const parts = expression.map(compileExpression)
    return (doc, variables) => parts.map(part => part(doc, variables) ?? null)
  }
  return isPlainObject(expression) ? object(expression) : () => expression
}
