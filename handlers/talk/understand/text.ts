import { cleanText } from '../../../common/names.ts'

/** The longest message that is read; what follows is not looked at. */
const LONGEST_MESSAGE = 2000

/** What was typed, ready for reading: bounded, visible characters only, single spaces, no mention of the bot in front. */
export function tidy(text: string): string {
  const cleaned = cleanText(text.slice(0, LONGEST_MESSAGE), LONGEST_MESSAGE)
  return cleaned.replace(/^@[^\s@]{1,30}\s+/, '')
}

/** Full-width ASCII, the wide space and the wide ¥ as their plain forms, one for one: positions stay valid. */
export function halfWidth(text: string): string {
  return text
    .replace(/[\uff01-\uff5e]/g, char => String.fromCharCode(char.charCodeAt(0) - 0xfee0))
    .replaceAll('\u3000', ' ')
    .replaceAll('\uffe5', '¥')
}

/** One word of a message: `text` as typed, `key` in half width, and where it stood. */
export interface Token {
  text: string
  key: string
  start: number
  end: number
}

const NUMBER_HEAD = /^[¥+-]?[\d.,]*\d(?:[十百千万亿]*)$|^[¥]$/
const UNIT_TAIL = /^(?:[十百千]?[万亿]?亿?(?:元|块钱|块)?整?|人民币)$/

/** A comma between digits belongs to an amount, unless a telephone number is next to it. */
function splitsAtComma(flat: string, at: number): boolean {
  const before = /\d+$/.exec(flat.slice(Math.max(0, at - 20), at))?.[0] ?? ''
  const after = /^\d+/.exec(flat.slice(at + 1, at + 21))?.[0] ?? ''
  return before === '' || after === '' || before.length >= 7 || after.length >= 7
}

/** Where an HTML-like tag that opens at `at` ends; `at` itself when none does. Its inside is not split, for it is one (odd) name. */
function endOfTag(flat: string, at: number): number {
  return at + (/^<[^<>\n]{1,200}>/.exec(flat.slice(at, at + 202))?.[0].length ?? 0)
}

/**
 * Words of a message, split at spaces, line breaks and Chinese or Western list punctuation. Amounts (`800,000.00`, `80.5 万元`) and
 * HTML-like tags stay whole.
 */
export function tokens(text: string): Token[] {
  const flat = halfWidth(text)
  const spans: [number, number][] = []
  let start = -1
  for (let at = 0; at <= flat.length; at += 1) {
    const char = flat[at] ?? ' '
    const splits = char === ',' ? splitsAtComma(flat, at) : /[\s、;。|]/.test(char)
    if (splits && start >= 0) {
      spans.push([start, at])
      start = -1
    } else if (!splits && start < 0) {
      start = at
    }
    if (char === '<') at = Math.max(at, endOfTag(flat, at) - 1)
  }
  return joinUnits(
    spans.map(([from, to]) => tokenAt(text, flat, from, to)),
    text,
    flat,
  )
}

const tokenAt = (text: string, flat: string, start: number, end: number): Token => {
  return { text: text.slice(start, end), key: flat.slice(start, end), start, end }
}

function joinUnits(words: readonly Token[], text: string, flat: string): Token[] {
  const joined: Token[] = []
  for (const word of words) {
    const before = joined.at(-1)
    const isUnit = before && NUMBER_HEAD.test(before.key) && UNIT_TAIL.test(word.key)
    const isSum = before?.key === '¥' && /^\d/.test(word.key)
    if (before && (isUnit || isSum)) joined[joined.length - 1] = tokenAt(text, flat, before.start, word.end)
    else joined.push(word)
  }
  return joined
}

/** The words as they were typed, from the first to the last of neighbours, joined by a space over gaps. */
export function joined(words: readonly Token[], text: string, all: readonly Token[]): string {
  return words
    .map((word, at) => {
      const next = words[at + 1]
      const isNeighbour = next !== undefined && all.indexOf(next) === all.indexOf(word) + 1
      return word.text + (isNeighbour ? text.slice(word.end, next.start) : next ? ' ' : '')
    })
    .join('')
}
