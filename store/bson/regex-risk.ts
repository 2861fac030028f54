/** What a pattern may cost on a text of a given length. */
export type Risk = {
  /** May take exponential time: a repeated group that varies inside, a back reference, or many optional parts. */
  exponential: boolean
  /** Parts that repeat: each may add one power of the length of the text. */
  loops: number
}

const maxOptional = 6

/** The quantifier at a place: how long it is, whether what it follows repeats, and whether it varies. */
function quantifierAt(source: string, at: number): { length: number; repeats: boolean; varies: boolean } | null {
  const [text, bounds] = /^(?:[*+?]|\{(\d+,?\d*)\})/.exec(source.slice(at, at + 24)) ?? []
  if (text === undefined) return null
  const length = text.length + (source[at + text.length] === '?' ? 1 : 0)
  if (bounds === undefined) return { length, repeats: text !== '?', varies: true }
  return { length, repeats: true, varies: bounds.includes(',') }
}

function endOfClass(source: string, from: number): number {
  let at = from + 1
  while (at < source.length && source[at] !== ']') at += source[at] === '\\' ? 2 : 1
  return at + 1
}

/** Reads how much a backtracking matcher may have to try (a coarse upper bound, no proof). */
export function riskOf(source: string): Risk {
  const risk: Risk = { exponential: false, loops: 0 }
  // For each open group: whether what is in it can match in more than one way.
  const groups = [false]
  let optional = 0
  let at = 0
  while (at < source.length) {
    const char = source[at]
    let inner = false
    if (char === '\\') {
      if (/[1-9k]/.test(source[at + 1] ?? '')) risk.exponential = true
      at += 2
    } else if (char === '[') at = endOfClass(source, at)
    else if (char === '(') {
      groups.push(false)
      at += /^\(\?(?:<?[=!]|:|<\w+>)?/.exec(source.slice(at, at + 40))?.[0].length ?? 1
      continue
    } else if (char === ')') {
      inner = groups.length > 1 ? groups.pop() === true : false
      at++
    } else {
      if (char === '|') groups[groups.length - 1] = true
      at++
    }
    const quantifier = quantifierAt(source, at)
    if (quantifier) {
      at += quantifier.length
      if (quantifier.repeats && inner) risk.exponential = true
      if (quantifier.varies && quantifier.repeats) risk.loops++
      else if (quantifier.varies) optional++
    }
    if (inner || quantifier?.varies) groups[groups.length - 1] = true
  }
  return { ...risk, exponential: risk.exponential || optional > maxOptional }
}
