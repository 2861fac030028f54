import { type Doc, type Pattern, patternOf } from '../bson/index.ts'
import { isNullish, isPlainObject, isRegex } from '../bson/values.ts'
import { location } from '../errors.ts'
import type { ExpressionOperator, Operators } from './types.ts'

type Search = { text: string; pattern: Pattern }

const codePoints = (text: string) => Array.from(text).length

function searchIn({ input, regex, options }: Doc, name: string, known: Map<string, Pattern>): Search | null {
  if (isNullish(input) || isNullish(regex)) return null
  if (typeof input !== 'string') throw location(51104, `${name} needs 'input' to be of type string`)
  if (typeof regex !== 'string' && !isRegex(regex)) throw location(51105, `${name} needs 'regex' to be of type string or regex`)
  const flags = isNullish(options) ? undefined : String(options)
  // A text stands for the same pattern in every document; its time limit counts for all of them together.
  const key = typeof regex === 'string' ? `${flags}/${regex}` : null
  const pattern = (key === null ? undefined : known.get(key)) ?? patternOf(regex, flags)
  if (key !== null) known.set(key, pattern)
  return { text: input, pattern }
}

function describe(match: RegExpExecArray): Doc {
  const captures = match.slice(1).map(capture => capture ?? null)
  return { match: match[0], idx: codePoints(match.input.slice(0, match.index)), captures }
}

function findAll({ text, pattern }: Search): Doc[] {
  const found: Doc[] = []
  for (let from = 0; from <= text.length; ) {
    const match = pattern.exec(text, from)
    if (!match) break
    found.push(describe(match))
    from = match.index + Math.max(1, match[0].length)
  }
  return found
}

const searching =
  (work: (search: Search | null) => unknown): ExpressionOperator =>
  (operand, compile, name) => {
    if (!isPlainObject(operand)) throw location(51103, `${name} expects an object of named arguments`)
    for (const field of Object.keys(operand))
      if (!['input', 'regex', 'options'].includes(field)) throw location(31024, `${name} found an unknown argument: ${field}`)
    const [input, regex, options] = [compile(operand.input), compile(operand.regex), compile(operand.options)]
    const known = new Map<string, Pattern>()
    return (doc, variables) => {
      const spec = { input: input(doc, variables), regex: regex(doc, variables), options: options(doc, variables) }
      return work(searchIn(spec, name, known))
    }
  }

/** Regular expressions in expressions, under the same time limits as in queries (manual: "$regexMatch", "$regexFind", "$regexFindAll"). */
export const regexOperators: Operators = {
  $regexMatch: searching(search => search?.pattern.test(search.text) ?? false),
  $regexFind: searching(search => {
    const match = search?.pattern.exec(search.text, 0)
    return match ? describe(match) : null
  }),
  $regexFindAll: searching(search => (search ? findAll(search) : [])),
}
