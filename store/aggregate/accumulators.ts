import { compare, type Doc, identityOf } from '../bson/index.ts'
import { isNullish, isNumber, isObject, isPlainObject, toNumber } from '../bson/values.ts'
import { location } from '../errors.ts'
import { average, compileExpression, deviation, type Evaluate } from '../expressions/index.ts'
import { compileSort } from '../match/index.ts'
import { combine } from '../update/index.ts'

/** Gathers values of one group. */
export type Accumulator = { add(value: unknown): void; result(): unknown }

const gathering =
  (finish: (values: unknown[]) => unknown): (() => Accumulator) =>
  () => {
    const values: unknown[] = []
    return { add: value => values.push(value), result: () => finish(values) }
  }

function sum(): Accumulator {
  let total: unknown = 0
  return {
    add: value => {
      if (isNumber(value)) total = combine('add', total, value)
    },
    result: () => total,
  }
}

const extreme = (sign: number) => (): Accumulator => {
  let best: unknown = null
  return {
    add: value => {
      if (!isNullish(value) && (best === null || compare(value, best) * sign > 0)) best = value
    },
    result: () => best,
  }
}

function first(): Accumulator {
  let taken = false
  let kept: unknown = null
  return {
    add: value => {
      if (!taken) kept = value ?? null
      taken = true
    },
    result: () => kept,
  }
}

function last(): Accumulator {
  let kept: unknown = null
  return {
    add: value => {
      kept = value ?? null
    },
    result: () => kept,
  }
}

function addToSet(): Accumulator {
  const found = new Map<string, unknown>()
  return {
    add: value => {
      if (value !== undefined) found.set(identityOf(value), value)
    },
    result: () => [...found.values()],
  }
}

const simple: Readonly<Record<string, () => Accumulator>> = {
  $sum: sum,
  $avg: gathering(values => average(values.filter(isNumber))),
  $min: extreme(-1),
  $max: extreme(1),
  $first: first,
  $last: last,
  $push: gathering(values => values.filter(value => value !== undefined)),
  $addToSet: addToSet,
  $mergeObjects: gathering(values => Object.assign({}, ...values.filter(isObject))),
  $stdDevPop: gathering(values => deviation(values.filter(isNumber), 0)),
  $stdDevSamp: gathering(values => deviation(values.filter(isNumber), 1)),
  $count: () => {
    let n = 0
    return { add: () => n++, result: () => n }
  },
}

const identity: Evaluate = doc => doc

// $firstN, $topN and the like take a document with `n`, `input`, `output` and `sortBy`.
function listing(operator: string, spec: Doc): { input: Evaluate; make: () => Accumulator } {
  const n = spec.n === undefined ? 1 : toNumber(compileExpression(spec.n)({}, {}))
  if (!Number.isInteger(n) || n < 1) throw location(5787908, `'n' must be greater than 0, found ${n}`)
  if (spec.sortBy === undefined) {
    const pick: Record<string, (values: unknown[]) => unknown[]> = {
      $firstN: values => values.slice(0, n),
      $lastN: values => values.slice(-n),
      $minN: values =>
        values
          .filter(value => !isNullish(value))
          .sort(compare)
          .slice(0, n),
      $maxN: values =>
        values
          .filter(value => !isNullish(value))
          .sort((a, b) => compare(b, a))
          .slice(0, n),
    }
    return { input: compileExpression(spec.input), make: gathering(pick[operator] ?? (values => values)) }
  }
  const sorter = compileSort(spec.sortBy as Doc)
  const output = compileExpression(spec.output)
  const make = gathering(docs => {
    const keyed = docs.map(doc => ({ doc: doc as Doc, key: sorter.keyOf(doc as Doc) })).sort((a, b) => sorter.order(a.key, b.key))
    const chosen = operator.startsWith('$top') ? keyed.slice(0, n) : keyed.slice(-n)
    const values = chosen.map(({ doc }) => output(doc, {}) ?? null)
    return operator.endsWith('N') ? values : values[0]
  })
  return { input: identity, make }
}

const listings = new Set(['$firstN', '$lastN', '$minN', '$maxN', '$top', '$topN', '$bottom', '$bottomN'])

/** One computed field of `$group` and its like. */
export type Field = { name: string; input: Evaluate; make: () => Accumulator }

/** Compiles `{ name: { $operator: expression } }`. @throws StoreError 40234, 15952 */
export function compileField(name: string, spec: unknown): Field {
  const operator = isPlainObject(spec) && Object.keys(spec).length === 1 ? (Object.keys(spec)[0] as string) : null
  if (!operator?.startsWith('$')) throw location(40234, `The field '${name}' must be an accumulator object`)
  if (name.includes('.')) throw location(40235, `The field name '${name}' cannot contain '.'`)
  const operand = (spec as Doc)[operator]
  if (listings.has(operator) && isObject(operand)) return { name, ...listing(operator, operand) }
  const make = simple[operator]
  if (!make) throw location(15952, `unknown group operator '${operator}'`)
  return { name, input: operator === '$count' ? identity : compileExpression(operand), make }
}
