import {
  COMMON_SURNAMES,
  COMPOUND_SURNAMES,
  GIVEN_NAME_CHARS,
  INDUSTRY,
  INDUSTRY_END,
  ORGANISATION_END,
  PERSON_TITLE,
  PLACE,
  PRODUCT,
  RARE_SURNAMES,
  WISH,
} from './words.ts'

/** How much a word looks like each part of a lead; comparable numbers, 0 = says nothing. */
export interface Likeness {
  company: number
  contact: number
  interest: number
}

/** The word as it is judged: without HTML-like tags and pictures, which say nothing about what it is. */
const bare = (word: string): string => word.replace(/<[^<>]{0,200}>/g, '').replace(/[^\p{L}\p{N}·.\- ]/gu, '')

const isHan = (text: string): boolean => /^\p{Script=Han}+$/u.test(text)

function personScore(word: string): number {
  if (/^\p{Script=Han}{2,12}·\p{Script=Han}{1,12}$/u.test(word)) return 6
  if (/^[A-Za-z][A-Za-z.-]{0,14}$/.test(word)) return 1
  if (!isHan(word)) return -8
  const [first = '', ...given] = word
  const isSurname = COMMON_SURNAMES.has(first) || RARE_SURNAMES.has(first)
  if (word.length <= 5 && isSurname && PERSON_TITLE.test(word)) return 9
  if (word.length >= 3 && word.length <= 4 && COMPOUND_SURNAMES.some(surname => word.startsWith(surname))) return 7
  if (word.length === 2 && /^[小老阿]/.test(word) && COMMON_SURNAMES.has(given[0] ?? '')) return 6
  if (word.length < 2 || word.length > 4 || INDUSTRY.test(word)) return -8
  if (word.length === 4 || !isSurname) return 0.5
  const sounds = given.some(char => GIVEN_NAME_CHARS.has(char)) ? 1 : 0
  return (COMMON_SURNAMES.has(first) ? 6 : 3) + sounds
}

function companyScore(word: string): number {
  const letters = word.replace(/[^\p{L}\p{N}]/gu, '')
  const size = (letters.length >= 4 ? 2 : 0) + (letters.length >= 6 ? 1 : 0)
  const kind = (ORGANISATION_END.test(word) ? 10 : 0) + (INDUSTRY.test(word) ? 4 : 0)
  return 2 + size + kind + (PLACE.test(word) && letters.length > 2 ? 4 : 0)
}

function interestScore(word: string): number {
  const sold = PRODUCT.exec(word)?.[0]
  if (sold !== undefined && sold.length >= word.length - 1) return 9
  return (sold === undefined ? 0 : 5) + (WISH.test(word) ? 4 : 0)
}

/** Judge one word of a lead. */
export function likeness(text: string): Likeness {
  const word = bare(text.slice(0, 200)) || text.slice(0, 200)
  const interest = interestScore(word)
  const company = companyScore(word)
  const contact = interest >= 4 ? -8 : personScore(word)
  return { company: interest >= 9 ? -6 : company - (contact >= 9 ? 6 : 0), contact, interest }
}

/** Surely the name of an organisation: by its ending, its trade or its place. */
export const isCompanyLike = (text: string): boolean => {
  const { company, contact, interest } = likeness(text)
  return company >= 6 && company > contact && company > interest
}

/** Surely a person's name: a surname and a given name or position. */
export const isPersonLike = (text: string): boolean => likeness(text).contact >= 3

/** `重庆长安汽车张伟`, `长安汽车的张伟` → company and person; null when the word is one name. */
export function splitCompanyAndPerson(word: string): [company: string, person: string] | null {
  if (word.length > 80 || word.includes('<')) return null
  for (const length of [4, 3, 2]) {
    const [head, person] = [word.slice(0, -length), word.slice(-length)]
    const company = head.replace(/的$/, '')
    const isCompany = company.length >= 2 && (ORGANISATION_END.test(company) || INDUSTRY_END.test(company) || company !== head)
    if (isCompany && likeness(person).contact >= 6) return [company, person]
  }
  return null
}
