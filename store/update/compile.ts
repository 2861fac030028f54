import { equal } from '../bson/compare.ts'
import { pathParts } from '../bson/path.ts'
import { type Doc, has, isObject, typeName } from '../bson/values.ts'
import { badValue, failedToParse, immutableId, StoreError } from '../errors.ts'
import { compileFilter, type MatchContext } from '../match/filter.ts'
import { compilePositional, type Locate } from '../match/positional.ts'
import { valueAt } from '../match/walk.ts'
import { operators, removed, unchanged } from './operators.ts'
import { applyStep, type Positions, resolvePositions, type Step } from './paths.ts'

/** A compiled update: changes a freshly decoded document in place. `inserting` is true for the document an upsert makes. */
export type Update = (doc: Doc, inserting: boolean) => Doc

/** What an update command hands to the compiler. */
export type UpdateInput = {
  update: Doc
  query: Doc
  arrayFilters?: Doc[] | undefined
  context: MatchContext
  nowMs: () => number
}

type Action = Step & { operator: string; renameTo?: readonly string[] }
type ArrayFilters = Map<string, (item: unknown) => boolean>

function filterNames(filter: Doc, names = new Set<string>()): Set<string> {
  for (const [name, operand] of Object.entries(filter)) {
    if (name.startsWith('$') && Array.isArray(operand)) for (const part of operand) filterNames(part as Doc, names)
    else names.add(name.split('.')[0] as string)
  }
  return names
}

function compileArrayFilters(filters: Doc[], context: MatchContext): ArrayFilters {
  const compiled: ArrayFilters = new Map()
  for (const filter of filters) {
    const [name, ...others] = filterNames(filter)
    if (name === undefined || others.length > 0) {
      throw failedToParse('Error parsing array filter :: caused by :: Expected a single top-level field name')
    }
    if (!/^[a-z][a-zA-Z0-9]*$/.test(name)) {
      throw badValue(
        `Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${name}'`,
      )
    }
    if (compiled.has(name)) throw failedToParse(`Found multiple array filters with the same top-level field name ${name}`)
    const test = compileFilter(filter, context)
    compiled.set(name, item => test({ [name]: item }))
  }
  return compiled
}

function checkedParts(path: string): string[] {
  const parts = pathParts(path)
  if (path === '' || parts.includes('')) {
    throw new StoreError(56, 'EmptyFieldName', `The update path '${path}' contains an empty field name, which is not allowed.`)
  }
  return parts
}

// A new document may have such fields, but no change of one that is there (manual: "Field Names with Periods and Dollar Signs").
function refuseDollar(actions: Action[]): void {
  for (const { path, parts } of actions) {
    const [first] = parts
    if (!first?.startsWith('$')) continue
    throw new StoreError(
      52,
      'DollarPrefixedFieldName',
      `The dollar ($) prefixed field '${first}' in '${path}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
    )
  }
}

class Conflicts {
  private readonly taken = new Set<string>()
  private readonly above = new Map<string, string>()

  /** Two operators may not write one path, nor a path and something below it. */
  claim(path: string): void {
    const parts = pathParts(path)
    const refuse = (other: string) => {
      throw new StoreError(40, 'ConflictingUpdateOperators', `Updating the path '${path}' would create a conflict at '${other}'`)
    }
    if (this.taken.has(path) || this.above.has(path)) refuse(path)
    for (let i = 1; i < parts.length; i++) {
      const prefix = parts.slice(0, i).join('.')
      if (this.taken.has(prefix)) refuse(prefix)
      this.above.set(prefix, path)
    }
    this.taken.add(path)
  }
}

function renameAction(path: string, target: unknown): Action {
  if (typeof target !== 'string') throw badValue(`The 'to' field for $rename must be a string: ${path}`)
  return {
    operator: '$rename',
    path,
    parts: checkedParts(path),
    creates: false,
    change: () => unchanged,
    renameTo: checkedParts(target),
  }
}

function compileActions(input: UpdateInput): Action[] {
  const conflicts = new Conflicts()
  const actions: Action[] = []
  for (const [name, fields] of Object.entries(input.update)) {
    const operator = operators[name]
    if (!operator && name !== '$rename') {
      throw failedToParse(
        `Unknown modifier: ${name}. Expected a valid update modifier or pipeline-style update specified as an array`,
      )
    }
    if (!isObject(fields)) {
      throw failedToParse(
        `Modifiers operate on fields but we found type ${typeName(fields)} instead. For example: {$mod: {<field>: ...}} not {${name}: …}`,
      )
    }
    for (const [path, operand] of Object.entries(fields)) {
      conflicts.claim(path)
      if (!operator) {
        const action = renameAction(path, operand)
        conflicts.claim(String(operand))
        actions.push(action)
        continue
      }
      const change = operator.compile(operand, path, input.context, input.nowMs)
      actions.push({ operator: name, path, parts: checkedParts(path), creates: operator.creates, change })
    }
  }
  return actions
}

function checkFiltersUsed(filters: ArrayFilters, actions: Action[]): void {
  const used = new Set<string>()
  for (const { parts, path } of actions) {
    for (const part of parts) {
      const name = /^\$\[(.+)\]$/.exec(part)?.[1]
      if (name === undefined) continue
      if (!filters.has(name)) throw badValue(`No array filter found for identifier '${name}' in path '${path}'`)
      used.add(name)
    }
  }
  for (const name of filters.keys()) {
    if (!used.has(name)) throw failedToParse(`The array filter for identifier '${name}' was not used in the update`)
  }
}

function rename(doc: Doc, action: Action, positions: Positions): void {
  const value = valueAt(doc, action.parts)
  if (value === undefined) return
  applyStep(doc, { ...action, change: () => removed }, positions)
  applyStep(doc, { path: action.path, parts: action.renameTo ?? [], creates: true, change: () => value }, positions)
}

/**
 * Compiles an update made of operators (manual: "Update Operators").
 *
 * `$` and `$[name]` are resolved against the document as it was, before the first change: an earlier operator of the same update must not
 * move what a later one means.
 */
export function compileUpdate(input: UpdateInput): Update {
  const filters = compileArrayFilters(input.arrayFilters ?? [], input.context)
  const actions = compileActions(input)
  checkFiltersUsed(filters, actions)
  const locators = new Map<string, Locate>()
  for (const { parts } of actions) {
    const at = parts.indexOf('$')
    const prefix = parts.slice(0, at).join('.')
    if (at > 0 && !locators.has(prefix)) locators.set(prefix, compilePositional(prefix, input.query, input.context))
  }
  const usesPlaceholders = actions.some(action => action.parts.some(part => part.startsWith('$')))
  return (doc, inserting) => {
    if (!inserting) refuseDollar(actions)
    const idBefore = doc._id
    const positions = usesPlaceholders ? resolver(doc, locators, filters) : none
    if (usesPlaceholders && !inserting) for (const { parts } of actions) resolvePositions(doc, parts, positions)
    for (const action of actions) {
      if (action.operator === '$setOnInsert' && !inserting) continue
      if (action.operator === '$rename') rename(doc, action, positions)
      else applyStep(doc, action, positions)
    }
    if (!inserting && (!has(doc, '_id') || !equal(doc._id, idBefore))) throw immutableId()
    return doc
  }
}

const none: Positions = () => []

function resolver(doc: Doc, locators: Map<string, Locate>, filters: ArrayFilters): Positions {
  const located = new Map([...locators].map(([prefix, locate]) => [prefix, locate(doc)]))
  const remembered = new Map<string, number[]>()
  return (part, list, prefix) => {
    const path = prefix.slice(1)
    if (part === '$') {
      const index = located.get(path) ?? -1
      if (index < 0) throw badValue('The positional operator did not find the match needed from the query.')
      return [index]
    }
    const items = list as unknown[]
    if (part === '$[]') return [...items.keys()]
    const key = `${path}|${part}`
    const known = remembered.get(key)
    if (known) return known
    const test = filters.get(part.slice(2, -1))
    const found = [...items.keys()].filter(index => test?.(items[index]))
    remembered.set(key, found)
    return found
  }
}
