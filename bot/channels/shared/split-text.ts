/**
 * Split a text into parts of at most `maxBytes` UTF-8 bytes, between code points, preferably after a line break in the last third of a part.
 * The parts joined give the text again.
 */
export function splitText(text: string, maxBytes: number): string[] {
  if (Buffer.byteLength(text, 'utf8') <= maxBytes) return [text]
  const parts: string[] = []
  let start = 0
  while (start < text.length) {
    const end = partEnd(text, start, maxBytes)
    const lineBreak = end < text.length ? text.lastIndexOf('\n', end - 1) : -1
    const cut = lineBreak >= start + ((end - start) * 2) / 3 ? lineBreak + 1 : end
    parts.push(text.slice(start, cut))
    start = cut
  }
  return parts
}

function partEnd(text: string, start: number, maxBytes: number): number {
  let used = 0
  let at = start
  while (at < text.length) {
    const point = text.codePointAt(at) ?? 0
    used += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
    if (used > maxBytes) break
    at += point < 0x10000 ? 1 : 2
  }
  return at > start ? at : text.length
}
