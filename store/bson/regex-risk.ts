/** What a pattern may cost on a text of a given length. */
export type Risk = {
  /** May take exponential time, or nearly so: a repeated group that varies inside, a back reference, many optional parts, long loops in one another. */
  exponential: boolean
  /** Parts that repeat: each may add one power of the length of the text. */
  loops: number
}

const maxOptional = 6
const maxTimes = 1000
const cheapTimes = 20

type Quantifier = { length: number; repeats: boolean; varies: boolean; times: number }

/** The quantifier at a place: how long it is, whether what it follows repeats, whether it varies, and how often it must go round at most. */
function quantifierAt(source: string, at: number): Quantifier | null {
  const [text, bounds] = /^(?:[*+?]|\{(\d+,?\d*)\})/.exec(source.slice(at, at + 24)) ?? []
  if (text === undefined) return null
  const length = text.length + (source[at + text.length] === '?' ? 1 : 0)
  if (bounds === undefined) return { length, repeats: text !== '?', varies: true, times: 1 }
  return { length, repeats: true, varies: bounds.includes(','), times: Math.max(1, ...bounds.split(',').map(Number)) }
}

function endOfClass(source: string, from: number): number {
  let at = from + 1
  while (at < source.length && source[at] !== ']') at += source[at] === '\\' ? 2 : 1
  return at + 1
}

/** Reads how much a backtracking matcher may have to try (a coarse upper bound, no proof). */
export function riskOf(source: string): Risk {
  const risk: Risk = { exponential: false, loops: 0 }
  // For each open group: whether what is in it can match in more than one way, and how often loops with numbers go round in it.
  const groups = [{ varies: false, times: 1 }]
  const outer = () => groups[groups.length - 1] ?? { varies: false, times: 1 }
  let optional = 0
  let at = 0
  while (at < source.length) {
    const char = source[at]
    let inner = { varies: false, times: 1 }
    if (char === '\\') {
      if (/[1-9k]/.test(source[at + 1] ?? '')) risk.exponential = true
      at += 2
    } else if (char === '[') at = endOfClass(source, at)
    else if (char === '(') {
      groups.push({ varies: false, times: 1 })
      at += /^\(\?(?:<?[=!]|:|<\w+>)?/.exec(source.slice(at, at + 40))?.[0].length ?? 1
      continue
    } else if (char === ')') {
      inner = (groups.length > 1 && groups.pop()) || inner
      at++
    } else {
      if (char === '|') outer().varies = true
      at++
    }
    const quantifier = quantifierAt(source, at)
    if (quantifier) {
      at += quantifier.length
      inner.times *= quantifier.times
      if ((quantifier.repeats && inner.varies) || inner.times > maxTimes) risk.exponential = true
      if (!quantifier.repeats) optional++
      else if (quantifier.varies || quantifier.times > cheapTimes) risk.loops++
    }
    if (inner.varies || quantifier?.varies) outer().varies = true
    outer().times = Math.max(outer().times, inner.times)
  }
  return { ...risk, exponential: risk.exponential || optional > maxOptional }
}
