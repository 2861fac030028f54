import { afterPrefix, equal, makeBound, makeKey } from '../bson/index.ts'
import { type Doc, isObject, rank, toNumber } from '../bson/values.ts'
import { badValue } from '../errors.ts'
import { sortDirections } from '../match/index.ts'
import type { Collection } from './collection.ts'
import { type Constraint, type Constraints, impliesPartial, readQuery } from './constraints.ts'
import type { Index } from './index-entry.ts'

/** How to find the documents of a query. Every plan may find too many: the filter is always asked as well. */
export type Plan = {
  index: Index | null
  /** Ranges of index keys [from, to), in the order to read them; null: all documents. */
  ranges: [Buffer, Buffer][] | null
  /** Complete keys of a unique index: at most one record each. */
  points: Buffer[] | null
  reverse: boolean
  /** The rows come in the order of the sort. */
  sorted: boolean
  /** One document may appear more than once. */
  repeats: boolean
}

const maxPoints = 2000

type Prefix = { tuples: unknown[][]; used: number; range: Constraint | null }

// The longest run of equalities from the first field on, then at most one range.
function matchPrefix(index: Index, constraints: Constraints): Prefix {
  let tuples: unknown[][] = [[]]
  let used = 0
  let arrays = 0
  for (const [position, field] of index.fields.entries()) {
    const constraint = constraints.get(field.path)
    if (index.meta.multikey.includes(position) && ++arrays > 1) return { tuples, used, range: null }
    const points = constraint?.points
    const usable =
      points &&
      tuples.length * points.length <= maxPoints &&
      !(index.sparse && points.some(value => value === null || value === undefined))
    if (!usable) {
      const range = constraint && (constraint.hasLow || constraint.hasHigh || constraint.prefix !== undefined) ? constraint : null
      return { tuples, used, range }
    }
    tuples = tuples.flatMap(tuple => points.map(value => [...tuple, value]))
    used++
  }
  return { tuples, used, range: null }
}

// A field with arrays gives no order of its own; behind an equality on it the fields without arrays do (manual: Multikey Indexes, Sort).
function order(index: Index, prefix: Prefix, sort: [string, boolean][]): { sorted: boolean; reverse: boolean } {
  const no = { sorted: false, reverse: false }
  const hasArrays = (position: number) => index.meta.multikey.includes(position)
  if (sort.length === 0 || index.meta.cut || prefix.tuples.length > 1) return no
  if ((index.sparse && prefix.used === 0 && !prefix.range) || index.fields.some(field => isHashed(index, field.path))) return no
  const constant = index.fields.filter((_, position) => position < prefix.used && !hasArrays(position))
  const equalities = new Set(constant.map(field => field.path))
  const rest = sort.filter(([path]) => !equalities.has(path))
  let reverse: boolean | null = null
  for (const [offset, [path, descending]] of rest.entries()) {
    const position = prefix.used + offset
    const field = index.fields[position]
    if (field?.path !== path || hasArrays(position)) return no
    const flip = field.descending !== descending
    if (reverse !== null && reverse !== flip) return no
    reverse = flip
  }
  return { sorted: true, reverse: reverse ?? false }
}

const isHashed = (index: Index, path: string) => (index.meta.spec.key as Doc)[path] === 'hashed'

function rangeOf(index: Index, tuple: unknown[], range: Constraint | null): [Buffer, Buffer] {
  const base = makeKey(index.meta.id, tuple, index.descending)
  if (!range) return [base, afterPrefix(base)]
  const position = tuple.length
  const descending = index.descending[position] ?? false
  const bound = (value: unknown, asPrefix = false) =>
    Buffer.concat([base, makeBound(value, descending, index.fields.length, asPrefix)])
  if (range.prefix !== undefined) {
    const start = bound(range.prefix, true)
    return [start, afterPrefix(start)]
  }
  // Two bounds on an array may be met by two different elements, so only one of them can narrow the search; so it is for two types.
  const single = index.meta.multikey.includes(position) || rank(range.low) !== rank(range.high)
  const useLow = range.hasLow && !(range.hasHigh && single)
  const kind = rank(useLow ? range.low : range.high)
  const sameType = Buffer.concat([base, Buffer.from([descending ? ~kind & 255 : kind])])
  const low = useLow ? bound(range.low) : sameType
  const high = range.hasHigh ? bound(range.high) : sameType
  return descending ? [high, afterPrefix(low)] : [low, afterPrefix(high)]
}

type Candidate = Plan & { score: number }

function consider(
  index: Index,
  query: Doc,
  constraints: Constraints,
  sort: [string, boolean][],
  hinted: boolean,
): Candidate | null {
  const partial = index.meta.spec.partialFilterExpression
  if (partial && !hinted && !impliesPartial(query, partial as Doc)) return null
  if (index.meta.spec.hidden === true && !hinted) return null
  const prefix = matchPrefix(index, constraints)
  if (prefix.range && isHashed(index, index.fields[prefix.used]?.path ?? '')) prefix.range = null
  const { sorted, reverse } = order(index, prefix, sort)
  if (prefix.used === 0 && !prefix.range && !sorted && !hinted) return null
  const complete = index.unique && prefix.used === index.fields.length
  const score = prefix.used * 10 + (prefix.range ? 5 : 0) + (sorted ? 4 : 0) + (complete ? 20 : 0)
  const shared = { index, reverse, sorted, repeats: index.meta.multikey.length > 0 || prefix.tuples.length > 1, score }
  if (complete) {
    return { ...shared, ranges: null, points: prefix.tuples.map(tuple => makeKey(index.meta.id, tuple, index.descending)) }
  }
  const ranges = prefix.tuples.map(tuple => rangeOf(index, tuple, prefix.range))
  ranges.sort((a, b) => Buffer.compare(a[0], b[0]) * (reverse ? -1 : 1))
  return { ...shared, ranges, points: null }
}

const everything = (reverse: boolean, sorted: boolean): Plan => ({
  index: null,
  ranges: null,
  points: null,
  reverse,
  sorted,
  repeats: false,
})

function isHinted(index: Index, hint: unknown): boolean {
  if (typeof hint === 'string') return hint === index.name
  return isObject(hint) && equal(hint, index.meta.spec.key)
}

function planBranches(collection: Collection, branches: Doc[]): Plan | null {
  const plans = branches.map(branch => plan(collection, branch, {}, undefined))
  if (!plans.every(branch => branch.index)) return null
  const ranges = plans.flatMap(
    branch => branch.ranges ?? (branch.points ?? []).map((key): [Buffer, Buffer] => [key, afterPrefix(key)]),
  )
  return { index: plans[0]?.index ?? null, ranges, points: null, reverse: false, sorted: false, repeats: true }
}

/**
 * Chooses how to find the documents of a query: the index with the longest run of equalities, then a range, then the order of the sort.
 *
 * @throws StoreError 2 when the hint names no index
 */
export function plan(collection: Collection, query: Doc, sort: Doc, hint: unknown): Plan {
  const natural = isObject(hint) ? hint.$natural : sort.$natural
  if (natural !== undefined)
    return everything(
      toNumber(natural) < 0,
      Object.keys(sort).every(path => path === '$natural'),
    )
  const directions = sortDirections(sort)
  const constraints: Constraints = new Map()
  readQuery(constraints, query)
  let best: Candidate | null = null
  for (const index of collection.indexes) {
    if (index.meta.building) continue
    const hinted = hint !== undefined && isHinted(index, hint)
    if (hint !== undefined && !hinted) continue
    const candidate = consider(index, query, constraints, directions, hinted)
    if (candidate && (!best || candidate.score > best.score)) best = candidate
  }
  if (hint !== undefined && !best) {
    throw badValue(
      'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index',
    )
  }
  if (!best && Array.isArray(query.$or)) {
    const branches = planBranches(collection, query.$or as Doc[])
    if (branches) return branches
  }
  return best ?? everything(false, directions.length === 0)
}
