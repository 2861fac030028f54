import type { Doc } from '../bson/index.ts'
import { isNullish, isObject, isPlainObject, typeName } from '../bson/values.ts'
import { location } from '../errors.ts'
import { truthy } from '../match/index.ts'
import { type Compile, type Evaluate, type ExpressionOperator, type Operators, onValue } from './types.ts'

function fieldsOf(operand: unknown, name: string, required: string[], optional: string[] = []): Doc {
  if (!isPlainObject(operand)) throw location(28646, `${name} only supports an object as its argument`)
  for (const field of Object.keys(operand))
    if (!required.includes(field) && !optional.includes(field))
      throw location(28647, `Unrecognized parameter to ${name}: ${field}`)
  for (const field of required) if (!(field in operand)) throw location(16878, `Missing '${field}' parameter to ${name}`)
  return operand
}

const cond: ExpressionOperator = (operand, compile, name) => {
  const list = Array.isArray(operand) ? operand : null
  if (list && list.length !== 3)
    throw location(16020, `Expression ${name} takes exactly 3 arguments. ${list.length} were passed in.`)
  const spec = list ? {} : fieldsOf(operand, name, ['if', 'then', 'else'])
  const [test, yes, no] = (list ?? [spec.if, spec.then, spec.else]).map(compile) as [Evaluate, Evaluate, Evaluate]
  return (doc, variables) => (truthy(test(doc, variables)) ? yes : no)(doc, variables)
}

const ifNull: ExpressionOperator = (operand, compile, name) => {
  if (!Array.isArray(operand) || operand.length < 2) throw location(1257300, `${name} needs at least two arguments`)
  const parts = operand.map(compile)
  return (doc, variables) => {
    let value: unknown
    for (const part of parts) {
      value = part(doc, variables)
      if (!isNullish(value)) return value
    }
    return value
  }
}

const switchCase: ExpressionOperator = (operand, compile, name) => {
  const spec = fieldsOf(operand, name, ['branches'], ['default'])
  if (!Array.isArray(spec.branches) || spec.branches.length === 0) throw location(40068, '$switch requires at least one branch')
  const branches = (spec.branches as Doc[]).map(branch => ({ test: compile(branch.case), result: compile(branch.then) }))
  const otherwise = 'default' in spec ? compile(spec.default) : null
  return (doc, variables) => {
    const chosen = branches.find(branch => truthy(branch.test(doc, variables)))
    if (chosen) return chosen.result(doc, variables)
    if (!otherwise) throw location(40066, '$switch could not find a matching branch for an input, and no default was specified.')
    return otherwise(doc, variables)
  }
}

const letIn: ExpressionOperator = (operand, compile, name) => {
  const spec = fieldsOf(operand, name, ['vars', 'in'])
  const bindings = Object.entries(spec.vars as Doc).map(([variable, value]) => ({ variable, evaluate: compile(value) }))
  const body = compile(spec.in)
  return (doc, variables) => {
    const inner: Record<string, unknown> = { ...variables }
    for (const { variable, evaluate } of bindings) inner[variable] = evaluate(doc, variables)
    return body(doc, inner)
  }
}

function listOf(value: unknown, name: string): unknown[] | null {
  if (isNullish(value)) return null
  if (!Array.isArray(value)) throw location(28651, `input to ${name} must be an array not ${typeName(value)}`)
  return value
}

const map: ExpressionOperator = (operand, compile, name) => {
  const spec = fieldsOf(operand, name, ['input', 'in'], ['as'])
  const as = String(spec.as ?? 'this')
  const [input, body] = [compile(spec.input), compile(spec.in)]
  return (doc, variables) =>
    listOf(input(doc, variables), name)?.map(item => body(doc, { ...variables, [as]: item }) ?? null) ?? null
}

const filter: ExpressionOperator = (operand, compile, name) => {
  const spec = fieldsOf(operand, name, ['input', 'cond'], ['as', 'limit'])
  const as = String(spec.as ?? 'this')
  const [input, test] = [compile(spec.input), compile(spec.cond)]
  const limit = spec.limit === undefined ? null : compile(spec.limit)
  return (doc, variables) => {
    const kept = listOf(input(doc, variables), name)?.filter(item => truthy(test(doc, { ...variables, [as]: item }))) ?? null
    const most = limit?.(doc, variables)
    return kept && !isNullish(most) ? kept.slice(0, Number(most)) : kept
  }
}

const reduce: ExpressionOperator = (operand, compile, name) => {
  const spec = fieldsOf(operand, name, ['input', 'initialValue', 'in'])
  const [input, initial, body] = [compile(spec.input), compile(spec.initialValue), compile(spec.in)]
  return (doc, variables) => {
    const list = listOf(input(doc, variables), name)
    return list ? list.reduce((value, item) => body(doc, { ...variables, this: item, value }), initial(doc, variables)) : null
  }
}

const each = (operand: unknown, compile: Compile) => (Array.isArray(operand) ? operand : [operand]).map(compile)

/** Operators that decide what is evaluated, or bind variables (manual: "Conditional, Array and Variable Expression Operators"). */
export const control: Operators = {
  $cond: cond,
  $ifNull: ifNull,
  $switch: switchCase,
  $let: letIn,
  $map: map,
  $filter: filter,
  $reduce: reduce,
  $literal: operand => () => operand,
  $and: (operand, compile) => {
    const parts = each(operand, compile)
    return (doc, variables) => parts.every(part => truthy(part(doc, variables)))
  },
  $or: (operand, compile) => {
    const parts = each(operand, compile)
    return (doc, variables) => parts.some(part => truthy(part(doc, variables)))
  },
  $not: onValue(value => !truthy(value)),
  $mergeObjects: (operand, compile) => {
    const parts = each(operand, compile)
    return (doc, variables) => {
      const out: Doc = {}
      for (const part of parts) {
        const value = part(doc, variables)
        for (const item of Array.isArray(value) && parts.length === 1 ? value : [value]) {
          if (isNullish(item)) continue
          if (!isObject(item))
            throw location(40400, `$mergeObjects requires object inputs, but input is of type ${typeName(item)}`)
          Object.assign(out, item)
        }
      }
      return out
    }
  },
}
