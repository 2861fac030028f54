import { pinyin, polyphonic } from 'pinyin-pro'
import { foldName, nameGrams, normaliseCompany, suffixes } from './names.ts'

const MOST_VARIANTS = 8

/** Readings of each character of `text`, the one that fits the context first; what has no reading stands for itself. */
function readings(text: string): string[][] {
  const options = { toneType: 'none', type: 'array', v: true } as const
  const inContext = pinyin(text, options)
  const all = polyphonic(text, options)
  return [...text].map((char, at) => {
    const likely = inContext[at] ?? char
    if (!/\p{Script=Han}/u.test(char)) return [char]
    return [...new Set([likely, ...(all[at] ?? [])].map(reading => reading.toLowerCase().replaceAll('ü', 'v')))]
  })
}

/** The likely spelling, then spellings with one character read otherwise (长 chang / zhang), at most eight. */
function variants(choices: readonly (readonly string[])[]): string[][] {
  const likely = choices.map(choice => choice[0] ?? '')
  const others = choices.flatMap((choice, at) => choice.slice(1).map(reading => likely.with(at, reading)))
  return [likely, ...others].slice(0, MOST_VARIANTS)
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)]

/**
 * Keys under which a name is found by prefix: `grams` from its characters, `initials` from pinyin, first letters and whole
 * syllables (`caqc`, `changan`), legal form left out. Look up `queryKey(typed)` as a prefix in either.
 *
 * Each key has at most 40 characters.
 */
export function searchKeys(name: string): { grams: string[]; initials: string[] } {
  const short = normaliseCompany(name)
  if (!/\p{Script=Han}/u.test(short)) return { grams: nameGrams(name), initials: [] }
  const choices = readings(foldName(short))
  const letters = choices.map(choice => unique(choice.map(reading => reading.charAt(0) || reading)))
  return {
    grams: nameGrams(name),
    initials: unique([...variants(letters).flatMap(suffixes), ...variants(choices).flatMap(suffixes)]),
  }
}
