import { createContext, Script } from 'node:vm'
import { BSONRegExp } from 'bson'
import { location } from '../errors.ts'

/** Something that tells whether a text matches; never runs longer than its time limit. */
export type Pattern = { test(text: string): boolean }

const maxPatternLength = 32_764
const timeLimitMs = 200
const longText = 4096

// A group that repeats and holds a repetition or a choice may backtrack exponentially.
const suspicious = /\((?:[^()\\]|\\.)*(?:[+*|]|\{\d+,\d*\})(?:[^()\\]|\\.|\([^()]*\))*\)(?:[+*]|\{\d+,\d*\})|\\[1-9]/

const arena = createContext({ pattern: /x/, text: '' })
const attempt = new Script('pattern.test(text)')

function testWithLimit(pattern: RegExp, text: string): boolean {
  arena.pattern = pattern
  arena.text = text
  try {
    return attempt.runInContext(arena, { timeout: timeLimitMs }) as boolean
  } catch {
    throw location(51075, `Regular expression took too long on one value: ${pattern.source.slice(0, 80)}`)
  }
}

/** A compiled expression with a guard: risky patterns and long texts run under a time limit, because they would hold the only thread. */
export function guarded(pattern: RegExp): Pattern {
  const risky = suspicious.test(pattern.source)
  return { test: text => (risky || text.length > longText ? testWithLimit(pattern, text) : pattern.test(text)) }
}

const withoutComments = (pattern: string) =>
  pattern.replace(/\\.|\[(?:\\.|[^\]])*\]|\s+|#.*$/gm, part => (/^[\\[]/.test(part) ? part : ''))

/**
 * A PCRE-style pattern with MongoDB's options (i, m, s, x, u) as a JavaScript expression.
 *
 * @throws StoreError 51091 when it does not compile, 51075 when it is too long
 */
export function toRegExp(pattern: string, options = ''): RegExp {
  if (pattern.length > maxPatternLength) throw location(51075, 'Regular expression is too long')
  let source = pattern
  let flags = ''
  const inline = /^\(\?([imsx]+)\)/.exec(source)
  if (inline) source = source.slice(inline[0].length)
  for (const option of options + (inline?.[1] ?? '')) {
    if (option === 'x') source = withoutComments(source)
    else if ('ims'.includes(option)) flags += flags.includes(option) ? '' : option
    else if (!'ulg'.includes(option)) throw location(51108, `invalid flag in regex options: ${option}`)
  }
  try {
    return new RegExp(source, flags)
  } catch (error) {
    throw location(51091, `Regular expression is invalid: ${(error as Error).message}`)
  }
}

/** The matcher of a stored or sent regular expression, with other options when given. */
export function patternOf(value: unknown, options?: string): Pattern {
  if (value instanceof BSONRegExp) return guarded(toRegExp(value.pattern, options ?? value.options))
  if (value instanceof RegExp) return guarded(toRegExp(value.source, options ?? value.flags))
  return guarded(toRegExp(String(value), options))
}
