/** Bidirectional controls, zero-width characters, soft hyphens, tags …: invisible, and able to make one name look like another. */
const INVISIBLE = /[\p{Cf}\p{Cs}\u115f\u1160\u3164\uffa0]/u
const PICTURE = /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f/u
const ZERO_WIDTH_JOINER = '\u200d'
const LONGEST_KEY = 40

/** Control and invisible characters removed; the joiner stays inside an emoji, where it holds families and flags together. */
function withoutInvisible(text: string): string {
  const chars = [...text]
  return chars
    .filter((char, at) => {
      if (char !== ZERO_WIDTH_JOINER) return !INVISIBLE.test(char)
      return PICTURE.test(chars[at - 1] ?? '') && PICTURE.test(chars[at + 1] ?? '')
    })
    .join('')
    .replace(/\p{Cc}+/gu, ' ')
}

function cutAt(text: string, maxLength: number): string {
  let cut = ''
  for (const char of text) {
    if (cut.length + char.length > maxLength) break
    cut += char
  }
  return cut.trimEnd()
}

/**
 * A name or short text as it may be stored and shown: one line, composed (NFC), nothing invisible. Emoji stay and HTML is plain text:
 * whoever draws it escapes it.
 *
 * @param maxLength longest result, in UTF-16 units (what zod and MongoDB count); never cuts a character in half
 */
export function cleanName(text: string, maxLength: number): string {
  return cutAt(withoutInvisible(text.slice(0, 4000)).normalize('NFC').replace(/\s+/g, ' ').trim(), maxLength)
}

/** A longer text (a note, a reason) as it may be stored and shown: like `cleanName`, but its line breaks stay. */
export function cleanText(text: string, maxLength: number): string {
  const lines = text.slice(0, 20_000).split(/\r\n|[\n\r\u2028\u2029]/)
  const cleaned = lines.map(line => cleanName(line, maxLength)).join('\n')
  return cutAt(cleaned.replace(/\n{3,}/g, '\n\n').trim(), maxLength)
}

/** Lower-case NFKC with only letters, digits and emoji left: what comparing and searching look at. */
export function foldName(text: string): string {
  const folded = withoutInvisible(text.slice(0, 400)).normalize('NFKC').toLowerCase()
  return folded.replace(/[^\p{L}\p{N}\p{M}\p{Extended_Pictographic}]+/gu, '')
}

const LEGAL_FORMS = ['股份有限公司', '有限责任公司', '股份公司', '有限公司', '总公司', '公司', '集团', '控股', '股份']
const ENGLISH_FORMS = /[\s,.]+(?:co|ltd|limited|inc|llc|corp|corporation|company|group)[\s.]*$/

/**
 * The key under which two spellings count as the same company: case, width, spaces, punctuation and legal form do not matter
 * (`重庆长安汽车 股份有限公司` = `重庆长安汽车`). Places in brackets stay, for 移动(重庆) and 移动(四川) are two customers; so does a
 * branch's 分公司. Never empty unless the name has no letter at all.
 */
export function normaliseCompany(name: string): string {
  let spelled = withoutInvisible(name.slice(0, 400)).normalize('NFKC').toLowerCase().trim()
  while (ENGLISH_FORMS.test(spelled)) spelled = spelled.replace(ENGLISH_FORMS, '')
  let key = foldName(spelled.replace(/[(〔【[](?:集团|股份|控股)[)〕】\]]/g, '')) || foldName(name)
  for (;;) {
    const form = LEGAL_FORMS.find(suffix => key.endsWith(suffix))
    const rest = form && key.slice(0, -form.length)
    if (!rest || [...rest].length < 2 || /[分子]$/.test(rest)) return key
    key = rest
  }
}

/** Every suffix of `units` joined, each at most 40 characters: so that "contains" becomes an indexed prefix search. */
export function suffixes(units: readonly string[]): string[] {
  return units.map((_, at) =>
    units
      .slice(at, at + LONGEST_KEY)
      .join('')
      .slice(0, LONGEST_KEY),
  )
}

/** Search keys of the written name. Pinyin keys: `searchKeys` in `common/pinyin.ts`. */
export const nameGrams = (name: string): string[] => [...new Set(suffixes([...foldName(name)]))]

/**
 * What was typed, as the prefix to look up among search keys (`长安`, `CAQC`, `chang an`, `查 长安` → `长安`). Empty when nothing
 * searchable was typed. The key holds no character with a meaning in a regular expression or a query.
 */
export function queryKey(text: string): string {
  const asked = cleanName(text, 200).replace(/^(?:查询|查找|查看|搜索|查一下|查|搜)\s+/, '')
  return foldName(asked).replaceAll('ü', 'v').slice(0, LONGEST_KEY)
}

function editDistance(a: readonly string[], b: readonly string[]): number {
  let above = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (const [row, char] of a.entries()) {
    const line = [row + 1]
    for (const [column, other] of b.entries()) {
      const swap = (above[column] ?? 0) + (char === other ? 0 : 1)
      line.push(Math.min(swap, (above[column + 1] ?? 0) + 1, (line[column] ?? 0) + 1))
    }
    above = line
  }
  return above[b.length] ?? 0
}

const pairs = (chars: readonly string[]): Set<string> => new Set(chars.slice(1).map((char, at) => `${chars[at]}${char}`))

/**
 * How near two company names are, 0 (nothing in common) to 1 (the same company), for "did you mean". Symmetric. The best of: shared
 * character pairs (Dice), edit distance, and one name inside the other.
 */
export function similarity(a: string, b: string): number {
  const [left, right] = [normaliseCompany(a), normaliseCompany(b)].map(key => [...key].slice(0, 60)) as [string[], string[]]
  const [shorter, longer] = left.length <= right.length ? [left, right] : [right, left]
  if (shorter.length === 0) return 0
  const [some, others] = [pairs(shorter), pairs(longer)]
  const shared = [...some].filter(pair => others.has(pair)).length
  const dice = some.size + others.size === 0 ? 0 : (2 * shared) / (some.size + others.size)
  const edits = 1 - editDistance(shorter, longer) / longer.length
  const isInside = shorter.length >= 2 && longer.join('').includes(shorter.join(''))
  return Math.max(dice, edits, isInside ? 0.5 + (0.5 * shorter.length) / longer.length : 0)
}
