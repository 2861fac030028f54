import { createContext, Script } from 'node:vm'
import { BSONRegExp } from 'bson'
import { location } from '../errors.ts'
import { riskOf } from './regex-risk.ts'

/** Something that tells whether, or where, a text matches; never runs longer than its time limit. */
export type Pattern = {
  test(text: string): boolean
  /** The first match at or after a place, counted in UTF-16 units. */
  exec(text: string, from: number): RegExpExecArray | null
}

const maxPatternLength = 32_764
const timeLimitMs = 200
const totalLimitMs = 5000
/** Steps that are fast enough to need no guard. */
const cheapSteps = 10_000_000

const arena = createContext({ work: () => undefined })
const attempt = new Script('work()')

const tooLong = (pattern: RegExp) => location(51075, `Regular expression took too long: ${pattern.source.slice(0, 80)}`)

// Some patterns compile, and are found to be too large when they are used.
function attempted<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw location(51156, `Error occurred while executing the regular expression: ${(error as Error).message.slice(-200)}`)
  }
}

function withLimit<T>(pattern: RegExp, work: () => T): T {
  arena.work = work
  try {
    return attempt.runInContext(arena, { timeout: timeLimitMs }) as T
  } catch {
    throw tooLong(pattern)
  }
}

/**
 * A compiled expression with a guard: where a match may take long it runs under a time limit, because it would hold the only thread.
 *
 * The matcher throws StoreError 51075 when one value takes 200 ms, or all values together 5 s.
 */
export function guarded(pattern: RegExp): Pattern {
  const { exponential, loops } = riskOf(pattern.source)
  const moving = new RegExp(pattern.source, `${pattern.flags}g`)
  let spentMs = 0
  const run = <T>(text: string, work: () => T): T => {
    if (!exponential && text.length ** (loops + 1) <= cheapSteps) return attempted(work)
    const startMs = performance.now()
    const found = withLimit(pattern, work)
    spentMs += performance.now() - startMs
    if (spentMs > totalLimitMs) throw tooLong(pattern)
    return found
  }
  return {
    test: text => run(text, () => pattern.test(text)),
    exec: (text, from) => {
      moving.lastIndex = from
      return run(text, () => moving.exec(text))
    },
  }
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
    throw location(51091, `Regular expression is invalid: ${(error as Error).message.slice(0, 200)}`)
  }
}

/** The matcher of a stored or sent regular expression, with other options when given. */
export function patternOf(value: unknown, options?: string): Pattern {
  if (value instanceof BSONRegExp) return guarded(toRegExp(value.pattern, options ?? value.options))
  if (value instanceof RegExp) return guarded(toRegExp(value.source, options ?? value.flags))
  return guarded(toRegExp(String(value), options))
}
