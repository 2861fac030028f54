import { Timestamp } from 'bson'
import type { TextOrder } from '../bson/collation.ts'
import { compare, equal } from '../bson/compare.ts'
import {
  type Doc,
  has,
  isNumber,
  isObject,
  isPlainObject,
  isRegex,
  numeric,
  toNumber,
  typeCode,
  typeName,
} from '../bson/values.ts'
import { badValue, failedToParse, StoreError, typeMismatch } from '../errors.ts'
import { compileElement, compileField, type MatchContext } from '../match/filter.ts'
import { compileSort } from '../match/sort.ts'
import { combine } from './arithmetic.ts'

/** What an operator answers for one field: a new value, or one of these. */
export const unchanged = Symbol('unchanged')
export const removed = Symbol('removed')

/** Where an operator works: for its messages. */
export type Place = { path: string; name: string; id: unknown }

/** A compiled operator on one field. `current` is undefined when the field does not exist. */
export type Change = (current: unknown, exists: boolean, place: Place) => unknown

/** One update operator: whether it makes missing parents, and how its operand is compiled. */
export type Operator = {
  creates: boolean
  compile(operand: unknown, path: string, context: MatchContext, nowMs: () => number): Change
}

const show = (value: unknown) => {
  try {
    return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? part.toString() : part))?.slice(0, 300) ?? 'undefined'
  } catch {
    return '…'
  }
}

function arithmetic(operator: '$inc' | '$mul'): Operator {
  const verb = operator === '$inc' ? 'increment' : 'multiply'
  return {
    creates: true,
    compile: (operand, path) => {
      if (!isNumber(operand)) throw typeMismatch(`Cannot ${verb} with non-numeric argument: {${path}: ${show(operand)}}`)
      return (current, exists, place) => {
        if (!exists) return operator === '$inc' ? operand : combine('multiply', 0, operand)
        if (!isNumber(current)) {
          throw typeMismatch(
            `Cannot apply ${operator} to a value of non-numeric type. {_id: ${show(place.id)}} has the field '${place.name}' of non-numeric type ${typeName(current)}`,
          )
        }
        return combine(operator === '$inc' ? 'add' : 'multiply', current, operand)
      }
    },
  }
}

const bound = (better: (order: number) => boolean): Operator => ({
  creates: true,
  compile:
    (operand, _path, { text }) =>
    (current, exists) =>
      !exists || better(compare(operand, current, text)) ? operand : unchanged,
})

type Additions = { items: unknown[]; clauses: Doc }

function additions(operand: unknown, operator: string): Additions {
  if (!isPlainObject(operand) || !has(operand, '$each')) return { items: [operand], clauses: {} }
  const { $each, ...clauses } = operand
  if (!Array.isArray($each))
    throw badValue(`The argument to $each in ${operator} must be an array but it was of type: ${typeName($each)}`)
  return { items: $each, clauses }
}

function pushSort(spec: unknown, text: TextOrder | undefined): (list: unknown[]) => unknown[] {
  if (isObject(spec)) {
    const sorter = compileSort(spec, text)
    const keyed = (item: unknown): [unknown[], unknown] => [sorter.keyOf(isObject(item) ? item : {}), item]
    return list =>
      list
        .map(keyed)
        .sort((a, b) => sorter.order(a[0], b[0]))
        .map(([, item]) => item)
  }
  const direction = toNumber(spec)
  if (direction !== 1 && direction !== -1) throw badValue('The $sort element value must be either 1 or -1')
  return list => [...list].sort((a, b) => compare(a, b, text) * direction)
}

function integerClause(value: unknown, name: string): number | undefined {
  if (value === undefined) return undefined
  const number = isNumber(value) ? toNumber(value) : Number.NaN
  if (!Number.isInteger(number))
    throw badValue(`The value for ${name} must be an integer value but was given type: ${typeName(value)}`)
  return number
}

const push: Operator = {
  creates: true,
  compile: (operand, _path, { text }) => {
    const { items, clauses } = additions(operand, '$push')
    for (const name of Object.keys(clauses)) {
      if (!['$slice', '$sort', '$position'].includes(name)) throw badValue(`Unrecognized clause in $push: ${name}`)
    }
    const position = integerClause(clauses.$position, '$position')
    const slice = integerClause(clauses.$slice, '$slice')
    const sort = clauses.$sort === undefined ? null : pushSort(clauses.$sort, text)
    return (current, exists, place) => {
      if (exists && !Array.isArray(current)) {
        throw badValue(
          `The field '${place.path}' must be an array but is of type ${typeName(current)} in document {_id: ${show(place.id)}}`,
        )
      }
      let list = exists ? [...(current as unknown[])] : []
      if (position === undefined) list = list.concat(items)
      else list.splice(position < 0 ? Math.max(0, list.length + position) : position, 0, ...items)
      if (sort) list = sort(list)
      if (slice !== undefined) list = slice < 0 ? list.slice(slice) : list.slice(0, slice)
      return list
    }
  },
}

const addToSet: Operator = {
  creates: true,
  compile: (operand, _path, { text }) => {
    const { items } = additions(operand, '$addToSet')
    return (current, exists, place) => {
      if (exists && !Array.isArray(current)) {
        throw badValue(
          `Cannot apply $addToSet to non-array field. Field named '${place.name}' has non-array type ${typeName(current)}`,
        )
      }
      const list = exists ? [...(current as unknown[])] : []
      for (const item of items) if (!list.some(member => equal(member, item, text))) list.push(item)
      return list
    }
  },
}

function pullTest(operand: unknown, context: MatchContext): (item: unknown) => boolean {
  if (isRegex(operand)) {
    const test = compileField('value', operand, context)
    return item => test({ value: item })
  }
  if (isObject(operand)) return compileElement(operand, context)
  return item => equal(item, operand, context.text)
}

const filtering = (
  operator: string,
  compileTest: (operand: unknown, context: MatchContext) => (item: unknown) => boolean,
): Operator => ({
  creates: false,
  compile: (operand, _path, context) => {
    const goes = compileTest(operand, context)
    return (current, exists) => {
      if (!exists) return unchanged
      if (!Array.isArray(current)) throw badValue(`Cannot apply ${operator} to a non-array value`)
      const rest = current.filter(item => !goes(item))
      return rest.length === current.length ? unchanged : rest
    }
  },
})

const pop: Operator = {
  creates: false,
  compile: operand => {
    const end = toNumber(operand)
    if (end !== 1 && end !== -1) throw failedToParse(`$pop expects 1 or -1, found: ${show(operand)}`)
    return (current, exists, place) => {
      if (!exists) return unchanged
      if (!Array.isArray(current))
        throw typeMismatch(`Path '${place.path}' contains an element of non-array type '${typeName(current)}'`)
      return end > 0 ? current.slice(0, -1) : current.slice(1)
    }
  },
}

const currentDate: Operator = {
  creates: true,
  compile: (operand, _path, _context, nowMs) => {
    const type = typeof operand === 'boolean' ? 'date' : isObject(operand) ? operand.$type : undefined
    if (type !== 'date' && type !== 'timestamp') {
      throw badValue(
        `${typeName(operand)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression`,
      )
    }
    return () => (type === 'date' ? new Date(nowMs()) : new Timestamp({ t: Math.floor(nowMs() / 1000), i: 1 }))
  },
}

const bit: Operator = {
  creates: true,
  compile: operand => {
    if (!isObject(operand) || Object.keys(operand).length === 0)
      throw badValue('The $bit modifier takes { and | or | xor: <integer> }')
    const steps = Object.entries(operand).map(([name, mask]): [string, bigint] => {
      if (!['and', 'or', 'xor'].includes(name))
        throw badValue(`The $bit modifier only supports 'and', 'or', and 'xor', not '${name}'`)
      if (![16, 18].includes(typeCode(mask))) throw badValue('The $bit modifier field must be an Integer(32/64 bit)')
      return [name, BigInt(numeric(mask) as number)]
    })
    return (current, exists) => {
      if (exists && ![16, 18].includes(typeCode(current)))
        throw badValue(`Cannot apply $bit to a value of non-integral type ${typeName(current)}`)
      let value = exists ? BigInt(numeric(current) as number) : 0n
      for (const [name, mask] of steps) value = name === 'and' ? value & mask : name === 'or' ? value | mask : value ^ mask
      const wide = typeCode(current) === 18 || value > 2147483647n || value < -2147483648n
      return wide ? value : Number(value)
    }
  },
}

const assign: Operator = { creates: true, compile: operand => () => operand }

/** Every update operator except `$rename`, which works on two paths (manual: "Update Operators"). */
export const operators: Readonly<Record<string, Operator>> = {
  $set: assign,
  $setOnInsert: assign,
  $unset: { creates: false, compile: () => (_current, exists) => (exists ? removed : unchanged) },
  $inc: arithmetic('$inc'),
  $mul: arithmetic('$mul'),
  $min: bound(order => order < 0),
  $max: bound(order => order > 0),
  $currentDate: currentDate,
  $push: push,
  $addToSet: addToSet,
  $pull: filtering('$pull', pullTest),
  $pullAll: filtering('$pullAll', (operand, { text }) => {
    if (!Array.isArray(operand)) throw badValue(`$pullAll requires an array argument but was given a ${typeName(operand)}`)
    return item => operand.some(member => equal(member, item, text))
  }),
  $pop: pop,
  $bit: bit,
}

/** The refusal of a path below something that is neither document nor array. */
export const notViable = (name: string, parent: string, value: unknown) =>
  new StoreError(28, 'PathNotViable', `Cannot create field '${name}' in element {${parent}: ${show(value)}}`)
