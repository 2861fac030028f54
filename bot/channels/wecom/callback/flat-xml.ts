/**
 * A strict reader of the XML that WeCom encrypts: one root element, its children read as name → text, deeper elements checked and passed over.
 *
 * It reads from front to back and never searches, because a CDATA section may contain anything, forged fields included. It knows no DTD, comment,
 * processing instruction or attribute and only the five named entities and character references: nothing can be expanded or fetched.
 * A fuzz test holds it equal to fast-xml-parser.
 *
 * @returns null when the text is anything else, or names a child of the root twice
 */
export function readFlatXml(xml: string): Map<string, string> | null {
  const fields = new Map<string, string>()
  const open: string[] = []
  let at = skipSpace(xml, xml.charCodeAt(0) === 0xfeff ? 1 : 0)
  if (xml.startsWith('<?xml ', at)) {
    const end = xml.indexOf('?>', at)
    if (end < 0) return null
    at = skipSpace(xml, end + 2)
  }
  let text = ''
  let hasCdata = false
  let hasChildren = false

  while (at < xml.length) {
    const tag = xml.indexOf('<', at)
    if (tag < 0) return null
    if (tag > at) {
      const piece = xml.slice(at, tag)
      if (open.length === 2 && !hasChildren) {
        const decoded = decodeText(piece)
        if (decoded === null) return null
        if (!hasCdata || !BLANK.test(piece)) text += decoded
      } else if (open.length < 2 && !BLANK.test(piece)) return null
      else if (decodeText(piece) === null) return null
    }
    if (xml.startsWith('<![CDATA[', tag)) {
      const end = xml.indexOf(']]>', tag + 9)
      if (end < 0 || open.length < 2) return null
      if (open.length === 2 && !hasChildren) {
        if (!hasCdata && BLANK.test(text)) text = ''
        hasCdata = true
        text += xml.slice(tag + 9, end)
      }
      at = end + 3
      continue
    }
    const close = xml.indexOf('>', tag)
    if (close < 0) return null
    if (xml.charCodeAt(tag + 1) === SLASH) {
      if (xml.slice(tag + 2, close) !== open.pop()) return null
      at = close + 1
      if (open.length === 1 && !take(fields, xml.slice(tag + 2, close), hasChildren ? '' : text)) return null
      if (open.length === 0) return skipSpace(xml, at) === xml.length ? fields : null
      continue
    }
    const empty = xml.charCodeAt(close - 1) === SLASH
    const name = xml.slice(tag + 1, empty ? close - 1 : close)
    if (!NAME.test(name) || open.length >= MAX_DEPTH) return null
    at = close + 1
    if (open.length === 1) {
      text = ''
      hasCdata = false
      hasChildren = false
    } else if (open.length >= 2) hasChildren = true
    if (!empty) open.push(name)
    else if (open.length === 0) return null
    else if (open.length === 1 && !take(fields, name, '')) return null
  }
  return null
}

const NAME = /^[A-Za-z_][\w.-]{0,63}$/
/** White space as XML knows it. */
const BLANK = /^[ \t\r\n]*$/
const MAX_DEPTH = 16
const SLASH = 47
const SPACE = [32, 10, 13, 9]

function take(fields: Map<string, string>, name: string, value: string): boolean {
  if (fields.has(name)) return false
  fields.set(name, value)
  return true
}

function skipSpace(xml: string, from: number): number {
  let at = from
  while (at < xml.length && SPACE.includes(xml.charCodeAt(at))) at += 1
  return at
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }
const REFERENCE = /&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/g

/** Named entities and character references become characters; any other `&` makes the text invalid. */
export function decodeText(text: string): string | null {
  if (!text.includes('&')) return text
  let references = 0
  let invalid = false
  const decoded = text.replace(REFERENCE, (_, name?: string, decimal?: string, hex?: string) => {
    references += 1
    if (name !== undefined) return ENTITIES[name] ?? ''
    const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
    if (point === 0 || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
      invalid = true
      return ''
    }
    return String.fromCodePoint(point)
  })
  return invalid || text.split('&').length - 1 !== references ? null : decoded
}
