import { setField } from '../bson/decode.ts'
import { pathParts } from '../bson/path.ts'
import { type Doc, has, isNumber, isObject, isPlainObject, toNumber } from '../bson/values.ts'
import { badValue, location } from '../errors.ts'
import { compileElement, type MatchContext } from './filter.ts'
import { compilePositional, type Locate } from './positional.ts'
import { valueAt } from './walk.ts'

type Leaf =
  | { type: 'keep' }
  | { type: 'drop' }
  | { type: 'slice'; from: number; count?: number | undefined }
  | { type: 'first'; test: (item: unknown) => boolean }
  | { type: 'compute'; evaluate: (doc: Doc) => unknown }

type Tree = Map<string, Leaf | Tree>

const keep: Leaf = { type: 'keep' }
const drop: Leaf = { type: 'drop' }

type Plan = {
  tree: Tree
  /** true: list what stays; false: list what goes; null: nothing has decided yet. */
  including: boolean | null
  id: boolean | null
  positional: string | null
}

function place(tree: Tree, path: string, leaf: Leaf): void {
  const parts = pathParts(path)
  let node = tree
  for (const [index, part] of parts.entries()) {
    if (part === '') throw location(15998, 'FieldPath field names may not be empty strings.')
    const existing = node.get(part)
    if (index === parts.length - 1) {
      if (existing !== undefined) throw location(31250, `Path collision at ${path}`)
      node.set(part, leaf)
    } else if (existing instanceof Map) node = existing
    else if (existing !== undefined) {
      throw location(31249, `Path collision at ${path} remaining portion ${parts.slice(index + 1).join('.')}`)
    } else {
      const next: Tree = new Map()
      node.set(part, next)
      node = next
    }
  }
}

function decide(plan: Plan, including: boolean, path: string): void {
  if (plan.including !== null && plan.including !== including) {
    throw including
      ? location(31253, `Cannot do inclusion on field ${path} in exclusion projection`)
      : location(31254, `Cannot do exclusion on field ${path} in inclusion projection`)
  }
  plan.including = including
}

function readSwitch(plan: Plan, path: string, on: boolean): void {
  if (path === '_id') {
    plan.id = on
    return
  }
  if (path.endsWith('.$')) {
    if (!on) throw location(31395, 'positional projection cannot be used with exclusion')
    if (plan.positional !== null) throw location(31276, 'Cannot specify more than one positional projection per query.')
    plan.positional = path.slice(0, -2)
    decide(plan, true, path)
    place(plan.tree, plan.positional, keep)
    return
  }
  if (path.includes('.$.'))
    throw location(31394, "As of 4.4, it's illegal to specify positional operator in the middle of a path.")
  decide(plan, on, path)
  place(plan.tree, path, on ? keep : drop)
}

const isSlice = (value: Doc) => isNumber(value.$slice) || (Array.isArray(value.$slice) && value.$slice.every(isNumber))

function readSlice(path: string, spec: unknown): Leaf {
  const [first = 0, second] = (Array.isArray(spec) ? spec : [spec]).map(toNumber)
  if (second !== undefined && second <= 0) throw location(28724, `First argument to $slice projection must be positive: ${path}`)
  return { type: 'slice', from: first, count: second }
}

function readEntry(plan: Plan, path: string, value: unknown, context: MatchContext): void {
  if (typeof value === 'boolean') {
    readSwitch(plan, path, value)
    return
  }
  if (isNumber(value)) {
    readSwitch(plan, path, toNumber(value) !== 0)
    return
  }
  if (isPlainObject(value)) {
    const names = Object.keys(value)
    if (names.length === 0) throw location(51270, 'An empty sub-projection is not a valid value. Found empty object at path')
    if (!names[0]?.startsWith('$')) {
      for (const name of names) readEntry(plan, `${path}.${name}`, value[name], context)
      return
    }
    if (has(value, '$slice') && isSlice(value)) {
      place(plan.tree, path, readSlice(path, value.$slice))
      return
    }
    if (has(value, '$elemMatch')) {
      if (!isObject(value.$elemMatch)) throw location(31274, 'elemMatch: Invalid argument, object required')
      if (path.includes('.')) throw location(31275, 'Cannot use $elemMatch projection on a nested field.')
      if (plan.including === null) plan.including = true
      place(plan.tree, path, { type: 'first', test: compileElement(value.$elemMatch, context) })
      return
    }
  }
  if (!context.expression) throw badValue('expressions are not allowed in this projection')
  decide(plan, true, path)
  if (path === '_id') plan.id = true
  place(plan.tree, path, { type: 'compute', evaluate: context.expression(value) })
}

function slice(list: unknown[], from: number, count: number | undefined): unknown[] {
  if (count === undefined) return from < 0 ? list.slice(from) : list.slice(0, from)
  const start = from < 0 ? Math.max(0, list.length + from) : from
  return list.slice(start, start + count)
}

const nothing = Symbol('nothing')

function applyLeaf(leaf: Leaf, value: unknown): unknown {
  switch (leaf.type) {
    case 'keep':
      return value
    case 'slice':
      return Array.isArray(value) ? slice(value, leaf.from, leaf.count) : value
    case 'first': {
      const index = Array.isArray(value) ? value.findIndex(leaf.test) : -1
      return index < 0 ? nothing : [(value as unknown[])[index]]
    }
    default:
      return nothing
  }
}

const holdsComputed = (tree: Tree): boolean =>
  [...tree.values()].some(node => (node instanceof Map ? holdsComputed(node) : node.type === 'compute'))

function include(value: unknown, tree: Tree, root: Doc): unknown {
  if (Array.isArray(value))
    return value.filter(item => isObject(item) || Array.isArray(item)).map(item => include(item, tree, root))
  const out: Doc = {}
  const source = value as Doc
  for (const name of Object.keys(source)) {
    const node = tree.get(name)
    if (node === undefined) continue
    const child = source[name]
    if (node instanceof Map) {
      if (isObject(child) || Array.isArray(child)) setField(out, name, include(child, node, root))
      continue
    }
    const kept = applyLeaf(node, child)
    if (kept !== nothing) setField(out, name, kept)
  }
  for (const [name, node] of tree) {
    if (node instanceof Map) {
      if (!has(out, name) && holdsComputed(node)) setField(out, name, include({}, node, root))
    } else if (node.type === 'compute') {
      const computed = node.evaluate(root)
      if (computed !== undefined) setField(out, name, computed)
    }
  }
  return out
}

function exclude(value: unknown, tree: Tree): unknown {
  if (Array.isArray(value)) return value.map(item => (isObject(item) || Array.isArray(item) ? exclude(item, tree) : item))
  const out: Doc = {}
  const source = value as Doc
  for (const name of Object.keys(source)) {
    const node = tree.get(name)
    const child = source[name]
    if (node === undefined) setField(out, name, child)
    else if (node instanceof Map) setField(out, name, isObject(child) || Array.isArray(child) ? exclude(child, node) : child)
    else if (node.type !== 'drop') {
      const kept = applyLeaf(node, child)
      if (kept !== nothing) setField(out, name, kept)
    }
  }
  return out
}

function keepPosition(out: Doc, doc: Doc, path: string, locate: Locate): void {
  const parts = pathParts(path)
  const last = parts.pop() as string
  const holder = valueAt(out, parts)
  const list = valueAt(doc, [...parts, last])
  if (!isObject(holder) || !Array.isArray(list)) return
  const index = locate(doc)
  if (index < 0) {
    throw location(
      51246,
      "Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching element in the array",
    )
  }
  holder[last] = [list[index]]
}

/**
 * Compiles a projection (manual: "Project Fields to Return from Query"), for `find` and `$project`.
 *
 * @param query the filter, for the positional `$`
 */
export function compileProjection(spec: Doc, query: Doc, context: MatchContext): (doc: Doc) => Doc {
  const plan: Plan = { tree: new Map(), including: null, id: null, positional: null }
  for (const [path, value] of Object.entries(spec)) readEntry(plan, path, value, context)
  const including = plan.including ?? (plan.id === true && plan.tree.size === 0)
  const withId = plan.id ?? true
  if (!plan.tree.has('_id')) {
    if (including && withId) plan.tree.set('_id', keep)
    if (!including && !withId) plan.tree.set('_id', drop)
  }
  const locate = plan.positional === null ? null : compilePositional(plan.positional, query, context)
  return doc => {
    const out = (including ? include(doc, plan.tree, doc) : exclude(doc, plan.tree)) as Doc
    if (locate && plan.positional !== null) keepPosition(out, doc, plan.positional, locate)
    return out
  }
}
