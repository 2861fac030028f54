import { pathParts } from '../bson/path.ts'
import type { Doc } from '../bson/values.ts'
import { compileField, type MatchContext, type Test } from './filter.ts'
import { valueAt } from './walk.ts'

/** Gives the position of the array element that made a document match, -1 when there is none. */
export type Locate = (doc: Doc) => number

function conditionsOn(path: string, query: Doc, context: MatchContext): Test[] {
  const tests: Test[] = []
  for (const [name, operand] of Object.entries(query)) {
    if (name === '$and' && Array.isArray(operand))
      for (const part of operand) tests.push(...conditionsOn(path, part as Doc, context))
    else if (name === '$or' && Array.isArray(operand)) {
      const branches = operand.map(part => conditionsOn(path, part as Doc, context)).filter(branch => branch.length > 0)
      if (branches.length > 0) tests.push(doc => branches.some(branch => branch.every(test => test(doc))))
    } else if (name === path || name.startsWith(`${path}.`)) tests.push(compileField(name, operand, context))
  }
  return tests
}

// The element alone in its array, under the same path, so that the conditions of the filter can be asked about it.
function alone(item: unknown, parts: readonly string[]): Doc {
  let value: unknown = [item]
  for (let i = parts.length - 1; i >= 0; i--) value = { [parts[i] as string]: value }
  return value as Doc
}

function otherArray(path: string, query: Doc, context: MatchContext): Locate {
  for (const [name, operand] of Object.entries(query)) {
    if (name.startsWith('$') || name === path) continue
    const root = name.split('.')[0] as string
    const tests = [compileField(name, operand, context)]
    return doc => positionIn(doc, [root], tests)
  }
  return () => -1
}

function positionIn(doc: Doc, parts: readonly string[], tests: Test[]): number {
  const list = valueAt(doc, parts)
  if (!Array.isArray(list)) return -1
  const all = list.findIndex(item => tests.every(test => test(alone(item, parts))))
  return all >= 0 ? all : list.findIndex(item => tests.some(test => test(alone(item, parts))))
}

/** Finds what `$` stands for in a path (manual: "$ (update)"): the first element of the array that the filter's conditions hold for. */
export function compilePositional(path: string, query: Doc, context: MatchContext = {}): Locate {
  const tests = conditionsOn(path, query, context)
  if (tests.length === 0) return otherArray(path, query, context)
  const parts = pathParts(path)
  return doc => positionIn(doc, parts, tests)
}
