import { lastKeyWasCut, makeKey, pathParts } from '../bson/index.ts'
import { type Doc, emptyArray, has, isObject, toNumber } from '../bson/values.ts'
import { StoreError } from '../errors.ts'
import { compileFilter, isPosition, type Test } from '../match/index.ts'

/** What the catalogue keeps of an index. */
export type IndexMeta = {
  id: number
  spec: Doc
  /** Positions of the fields that have held an array. */
  multikey: number[]
  /** Some key was too long and had to be cut: the order of keys is not fully that of the values. */
  cut: boolean
  /** Not all documents are in it yet: only writes know it. */
  building?: boolean
}

type Field = { path: string; parts: string[]; descending: boolean }
type State = { value: unknown; rest: string[]; done: boolean }

/** An index: the keys that a document has in it. */
export class Index {
  readonly meta: IndexMeta
  readonly name: string
  readonly unique: boolean
  readonly sparse: boolean
  readonly fields: Field[]
  readonly descending: boolean[]
  readonly partial: Test | null
  /** Whether `meta` changed since it was saved. */
  dirty = false

  constructor(meta: IndexMeta) {
    this.meta = meta
    const { spec } = meta
    this.name = String(spec.name)
    this.unique = spec.unique === true || this.name === '_id_'
    this.sparse = spec.sparse === true
    this.fields = Object.entries(spec.key as Doc).map(([path, direction]) => ({
      path,
      parts: pathParts(path),
      descending: toNumber(direction) < 0,
    }))
    this.descending = this.fields.map(field => field.descending)
    this.partial = isObject(spec.partialFilterExpression) ? compileFilter(spec.partialFilterExpression) : null
  }

  /**
   * Keys of a document in this index (manual: "Multikey Indexes").
   *
   * @throws StoreError 171 when two different arrays would have to be combined
   */
  keys(doc: Doc): Buffer[] {
    if (this.partial && !this.partial(doc)) return []
    const tuples = this.expand(this.fields.map(({ parts }) => ({ value: doc, rest: parts, done: false })))
    const keys: Buffer[] = []
    const seen = new Set<string>()
    for (const tuple of tuples) {
      if (this.sparse && tuple.every(value => value === undefined)) continue
      const key = makeKey(this.meta.id, tuple, this.descending)
      if (lastKeyWasCut() && !this.meta.cut) {
        this.meta.cut = true
        this.dirty = true
      }
      if (tuples.length > 1) {
        const text = key.toString('latin1')
        if (seen.has(text)) continue
        seen.add(text)
      }
      keys.push(key)
    }
    return keys
  }

  /** The values of a document under the index's fields, as a duplicate-key error shows them. */
  valuesOf(doc: Doc): Doc {
    const [tuple = []] = this.expand(this.fields.map(({ parts }) => ({ value: doc, rest: parts, done: false })))
    return Object.fromEntries(
      this.fields.map(({ path }, index) => {
        const value = tuple[index]
        return [path, value === undefined || value === emptyArray ? null : value]
      }),
    )
  }

  private expand(states: State[]): unknown[][] {
    for (const state of states) advance(state)
    const open = states.filter(state => !state.done)
    const [first] = open
    if (!first) return [states.map(state => state.value)]
    const list = first.value as unknown[]
    if (open.some(state => state.value !== list)) this.refuseParallel(states)
    this.noteMultikey(states)
    if (list.length === 0) {
      return this.expand(
        states.map(state =>
          state.done ? state : { value: state.rest.length > 0 ? undefined : emptyArray, rest: [], done: true },
        ),
      )
    }
    return list.flatMap(item => this.expand(states.map(state => (state.done ? state : enter(state, item)))))
  }

  private noteMultikey(states: State[]): void {
    for (const [position, state] of states.entries()) {
      if (state.done || this.meta.multikey.includes(position)) continue
      this.meta.multikey.push(position)
      this.dirty = true
    }
  }

  private refuseParallel(states: State[]): never {
    const names = this.fields.filter((_, position) => !states[position]?.done).map(({ path }) => `[${path}]`)
    throw new StoreError(171, 'CannotIndexParallelArrays', `cannot index parallel arrays ${names.join(' ')}`)
  }
}

// Goes down the path until it ends, breaks off or meets an array.
function advance(state: State): void {
  while (!state.done) {
    const [part] = state.rest
    if (Array.isArray(state.value)) {
      if (part === undefined || !isPosition(part) || Number(part) >= state.value.length) return
      state.value = state.value[Number(part)]
    } else if (part === undefined) {
      state.done = true
      return
    } else if (isObject(state.value) && has(state.value, part)) state.value = state.value[part]
    else {
      state.value = undefined
      state.done = true
      return
    }
    state.rest = state.rest.slice(1)
  }
}

function enter(state: State, item: unknown): State {
  if (state.rest.length === 0) return { value: item, rest: [], done: true }
  return isObject(item) ? { value: item, rest: state.rest, done: false } : { value: undefined, rest: [], done: true }
}
