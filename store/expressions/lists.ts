import { compare, type Doc, equal, identityOf } from '../bson/index.ts'
import { isNullish, isNumber, isObject, isPlainObject, toNumber, typeName } from '../bson/values.ts'
import { location, StoreError } from '../errors.ts'
import { compileSort } from '../match/index.ts'
import { type Compile, type Evaluate, type Operators, onValue, onValues } from './types.ts'

function listArgument(value: unknown, name: string): unknown[] | null {
  if (isNullish(value)) return null
  if (!Array.isArray(value)) throw location(17053, `${name} requires array arguments, but got ${typeName(value)}`)
  return value
}

const unique = (list: unknown[]): unknown[] => [...new Map(list.map(item => [identityOf(item), item])).values()]
const identities = (list: unknown[]) => new Set(list.map(identityOf))

const sets = (work: (lists: unknown[][], name: string) => unknown) =>
  onValues((values, name) => {
    const lists = values.map(value => listArgument(value, name))
    return lists.some(list => list === null) ? null : work(lists as unknown[][], name)
  })

function elementAt([list, position]: unknown[]): unknown {
  if (isNullish(list) || isNullish(position)) return null
  if (!Array.isArray(list)) throw location(28689, `$arrayElemAt's first argument must be an array, but is ${typeName(list)}`)
  return list.at(toNumber(position))
}

// What MongoDB lets one list of an expression take: 100 MiB, at 16 bytes a value.
const maxListBytes = 104_857_600
const valueBytes = 16

/** @throws StoreError 146 for a list that would take the memory of everybody else */
function checkLength(length: number, name: string): void {
  if (length * valueBytes < maxListBytes) return
  throw new StoreError(
    146,
    'ExceededMemoryLimit',
    `${name} would use too much memory (${length * valueBytes} bytes) and cannot spill to disk. Memory limit: ${maxListBytes} bytes`,
  )
}

function wholeNumber(value: unknown, what: string, code: number): number {
  if (!isNumber(value)) throw location(code, `$range requires a numeric ${what} value, found value of type: ${typeName(value)}`)
  const number = toNumber(value)
  if (number === (number | 0)) return number
  throw location(code + 1, `$range requires a ${what} value that can be represented as a 32-bit integer, found value: ${number}`)
}

function range([from, to, by = 1]: unknown[], name: string): unknown {
  const [start, end, step] = [
    wholeNumber(from, 'starting', 34443),
    wholeNumber(to, 'ending', 34445),
    wholeNumber(by, 'step', 34447),
  ]
  if (step === 0) throw location(34449, '$range requires a non-zero step value')
  const length = Math.max(0, Math.ceil((end - start) / step))
  checkLength(length, name)
  return Array.from({ length }, (_, place) => start + place * step)
}

const within = onValues(([item, list]) => {
  if (!Array.isArray(list)) throw location(40081, `$in requires an array as a second argument, found: ${typeName(list)}`)
  // A missing field is no null here, unlike in queries.
  return item !== undefined && list.some(member => equal(member, item))
})

// A list that is the same for every document is made ready once: 100,000 values are nothing unusual.
type PlainLookup = [item: unknown, list: unknown[]]
const isPlainLookup = (operand: unknown): operand is PlainLookup =>
  Array.isArray(operand) && operand.length === 2 && Array.isArray(operand[1]) && operand[1].every(isScalar)
const isScalar = (value: unknown) =>
  !Array.isArray(value) && !isPlainObject(value) && !(typeof value === 'string' && value.startsWith('$'))

function lookup([item, list]: PlainLookup, compile: Compile): Evaluate {
  const [evaluate, members] = [compile(item), identities(list)]
  return (doc, variables) => {
    const value = evaluate(doc, variables)
    return value !== undefined && members.has(identityOf(value))
  }
}

/** Arrays and sets. */
export const listOperators: Operators = {
  $in: (operand, compile, name) => (isPlainLookup(operand) ? lookup(operand, compile) : within(operand, compile, name)),
  $size: onValue(value => {
    if (!Array.isArray(value))
      throw location(17124, `The argument to $size must be an array, but was of type: ${typeName(value)}`)
    return value.length
  }),
  $arrayElemAt: onValues(elementAt),
  $first: onValue(value => (Array.isArray(value) ? value[0] : null)),
  $last: onValue(value => (Array.isArray(value) ? value.at(-1) : null)),
  $concatArrays: sets((lists, name) => {
    checkLength(
      lists.reduce((sum, list) => sum + list.length, 0),
      name,
    )
    return lists.flat(1)
  }),
  $range: onValues(range),
  $reverseArray: sets(([list = []]) => [...list].reverse()),
  $indexOfArray: onValues(([list, item]) =>
    isNullish(list) ? null : (list as unknown[]).findIndex(member => equal(member, item)),
  ),
  $sortArray: (operand, compile) => {
    const spec = operand as Doc
    const input = compile(spec.input)
    const sorter = isObject(spec.sortBy) ? compileSort(spec.sortBy) : null
    const sign = sorter ? 1 : toNumber(spec.sortBy)
    return (doc, variables) => {
      const list = listArgument(input(doc, variables), '$sortArray')
      if (!list) return null
      if (!sorter) return [...list].sort((a, b) => compare(a, b) * sign)
      const keyed = list.map(item => ({ item, key: sorter.keyOf(isObject(item) ? item : {}) }))
      return keyed.sort((a, b) => sorter.order(a.key, b.key)).map(({ item }) => item)
    }
  },
  $setUnion: sets(lists => unique(lists.flat(1))),
  $setIntersection: sets(([first = [], ...rest]) => {
    const others = rest.map(identities)
    return unique(first.filter(item => others.every(set => set.has(identityOf(item)))))
  }),
  $setDifference: sets(([first = [], second = []]) => {
    const gone = identities(second)
    return unique(first.filter(item => !gone.has(identityOf(item))))
  }),
  $setEquals: sets(([first = [], ...rest]) => {
    const wanted = identities(first)
    return rest.every(list => {
      const set = identities(list)
      return set.size === wanted.size && [...set].every(item => wanted.has(item))
    })
  }),
  $setIsSubset: sets(([first = [], second = []]) => {
    const all = identities(second)
    return first.every(item => all.has(identityOf(item)))
  }),
}
