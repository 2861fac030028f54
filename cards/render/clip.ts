const graphemes = new Intl.Segmenter('zh-CN', { granularity: 'grapheme' })

/** Line breaks, control characters, and the marks that turn the reading direction of what follows. */
const UNSAFE = /[\p{Cc}\u2028\u2029]+|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu

/**
 * A value as one line of plain text: control characters and line breaks become a space, direction marks go, half characters become U+FFFD.
 * HTML and emoji stay what they are: text.
 */
export function oneLine(text: string): string {
  return text
    .replace(UNSAFE, found => {
      const first = found.charCodeAt(0)
      if (first >= 0xd800 && first <= 0xdfff) return '\ufffd'
      return first < 0xa0 || first === 0x2028 || first === 0x2029 ? ' ' : ''
    })
    .trim()
}

/** Cut to at most `maxUnits` UTF-16 units, between characters as people see them, with … for what is missing. */
export function clip(text: string, maxUnits: number): string {
  if (text.length <= maxUnits) return text
  return `${head(text, maxUnits - 1)}…`
}

function head(text: string, maxUnits: number): string {
  let end = 0
  for (const { index, segment } of graphemes.segment(text)) {
    if (index + segment.length > maxUnits) break
    end = index + segment.length
  }
  if (end > 0) return text.slice(0, end)
  // One "character" of many code points (stacked accents, emoji families) would leave nothing: fall back to code points.
  let kept = ''
  for (const point of text) {
    if (kept.length + point.length > maxUnits) break
    kept += point
  }
  return kept
}

/** `oneLine`, then `clip`. */
export const line = (text: string, maxUnits: number): string => clip(oneLine(text), maxUnits)
