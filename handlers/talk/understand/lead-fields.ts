import { cleanName } from '../../../common/names.ts'
import { parsePhone } from '../../../common/phone.ts'
import { isPlainlyMoney, readSpokenAmount } from './amounts.ts'
import type { FieldProblem, LeadField, LeadIntent } from './intent.ts'
import { isCompanyLike, isPersonLike, likeness, splitCompanyAndPerson } from './score.ts'
import { halfWidth, joined, type Token, tokens } from './text.ts'
import { NAMELESS, ORGANISATION_END, ORGANISATION_START, TRADE_ONLY } from './words.ts'

const MOST_JUDGED = 24
const LIMITS = { company: 60, contact: 30, interest: 200 } as const
const TITLES = { company: '公司名称', contact: '联系人', interest: '需求' } as const

const LABELS: readonly [RegExp, LeadField][] = [
  [/^(?:公司名称|公司名|公司|客户名称|客户|单位)(?:[:=]|是|为|叫)/, 'company'],
  [/^(?:联系人姓名|联系人|对接人|姓名)(?:[:=]|是|为|叫)?/, 'contact'],
  [/^(?:联系电话|联系方式|电话号码|手机号码|手机号|电话|手机)(?:[:=]|是|为|(?=[\d+(])|$)/, 'phone'],
  [/^(?:需求|意向|感兴趣的产品|产品|业务)(?:[:=]|是|为)/, 'interest'],
  [
    /^(?:(?:预算金额|预算|金额)[:=]|预算(?:金额)?(?=$|\P{Script=Han}|[负零一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖拾]|大概|大约|大致|约|差不多|估计|在|是|为|有|待|未|暂|没|无|不))/u,
    'budget',
  ],
]
const LABEL_AT =
  /(公司名称|公司名|公司|客户名称|客户|单位|联系人|对接人|姓名|联系电话|联系方式|手机号|手机|电话|需求|意向|产品|业务|预算) ?[:\uff1a] ?/g

const PHONE =
  /(?<!\d\.?)(?<!(?:预算|金额|¥)[:\s-]?)(?:(?:(?:\+|00)?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}|\(?0\d{2,3}\)?[ -]?\d{3,4}[ -]?\d{4}(?:(?: ?转 ?|-)\d{1,6})?|[48]00[ -]?\d{3}[ -]?\d{4})(?![\d万亿元块])/g
const PHONE_LABEL = /(?:联系)?(?:电话号码|电话|手机号码|手机号|手机|方式)(?:是|为)?[: ]?$/

/** The first telephone number and the text without it (and without its label). */
export function cutPhone(text: string): { phone?: string; rest: string } {
  const flat = halfWidth(text)
  for (const match of flat.matchAll(PHONE)) {
    const phone = parsePhone(match[0])
    if (phone === null) continue
    const before = text.slice(0, match.index)
    const bare = before.slice(0, before.length - (PHONE_LABEL.exec(halfWidth(before))?.[0].length ?? 0))
    return { phone, rest: `${bare}\n${text.slice(match.index + match[0].length)}` }
  }
  return { rest: text }
}

/** Assign words to company and contact so that everything together looks likeliest; the rest is what they want. Earlier wins a tie. */
function assign(words: readonly Token[], needs: { company: boolean; contact: boolean }): { company?: Token; contact?: Token } {
  const scores = words.slice(0, MOST_JUDGED).map(word => likeness(word.key))
  const none = -1
  let best = { score: Number.NEGATIVE_INFINITY, company: none, contact: none }
  for (let company = none; company < (needs.company ? scores.length : 0); company += 1) {
    for (let contact = none; contact < (needs.contact ? scores.length : 0); contact += 1) {
      if (company === contact && company !== none) continue
      const score = scores.reduce((sum, like, at) => {
        return sum + (at === company ? like.company : at === contact ? like.contact : like.interest)
      }, 0)
      const isBetter = score > best.score || (score === best.score && best.company === none && company !== none)
      if (isBetter) best = { score, company, contact }
    }
  }
  return {
    ...(words[best.company] && { company: words[best.company] }),
    ...(words[best.contact] && { contact: words[best.contact] }),
  }
}

/** What stood for a name without being one: `公司`, `有限公司`. It ends the name before it, or only says what comes. */
function joinEndings(words: readonly Token[], text: string): Token[] {
  const joinedWords: Token[] = []
  for (const word of words) {
    const before = joinedWords.at(-1)
    const isNext = before && /^ {1,2}$/.test(halfWidth(text.slice(before.end, word.start)))
    const isName =
      before && likeness(before.key).contact < 6 && likeness(before.key).interest < 4 && !ORGANISATION_END.test(before.key)
    if ((NAMELESS.test(word.key) || TRADE_ONLY.test(word.key)) && isNext && isName) {
      const whole = before.text + word.text
      joinedWords[joinedWords.length - 1] = { text: whole, key: halfWidth(whole), start: before.start, end: word.end }
    } else if (!NAMELESS.test(word.key)) joinedWords.push(withoutStart(word))
  }
  return joinedWords
}

/** `公司重庆长安汽车` and `公司张伟` without the word in front. */
function withoutStart(word: Token): Token {
  const rest = word.text.replace(ORGANISATION_START, '')
  const isNamed = rest !== word.text && (isCompanyLike(rest) || isPersonLike(rest))
  return isNamed ? { ...word, text: rest, key: halfWidth(rest), start: word.end - rest.length } : word
}

/** Neighbouring Western words are one name (`ABC Motors`); a company with a person glued to it is two. */
function shapeWords(words: readonly Token[], text: string): Token[] {
  const shaped: Token[] = []
  for (const word of words) {
    const before = shaped.at(-1)
    const isWestern = (key: string) => /[A-Za-z<&]/.test(key) && !/\p{Script=Han}/u.test(key) && likeness(key).interest < 4
    const isClose =
      before && !ORGANISATION_END.test(before.key) && /^[ ,.]{1,3}$/.test(halfWidth(text.slice(before.end, word.start)))
    const split = splitCompanyAndPerson(word.text)
    if (before && isClose && isWestern(before.key) && isWestern(word.key)) {
      const whole = text.slice(before.start, word.end)
      shaped[shaped.length - 1] = { text: whole, key: halfWidth(whole), start: before.start, end: word.end }
    } else if (split) {
      const [company, person] = split
      shaped.push({ text: company, key: halfWidth(company), start: word.start, end: word.start + company.length })
      shaped.push({ text: person, key: halfWidth(person), start: word.end - person.length, end: word.end })
    } else {
      shaped.push(word)
    }
  }
  return shaped
}

/** What labels and clear shapes (a label, an amount with a unit) say, and the words that remain. */
function takeLabelled(text: string): { given: Partial<Record<LeadField, string>>; words: Token[] } {
  const given: Partial<Record<LeadField, string>> = {}
  let pending: LeadField | undefined
  const words = tokens(text).filter(word => {
    const [pattern, labelled] = LABELS.find(([label]) => label.test(word.key)) ?? []
    const value = pattern ? word.text.slice(pattern.exec(word.key)?.[0].length ?? 0) : word.text
    const field = labelled ?? pending ?? (isPlainlyMoney(word.key) && /[\d万亿]/.test(word.key) ? 'budget' : undefined)
    pending = labelled && value === '' ? labelled : undefined
    if (field && value !== '') given[field] = given[field] === undefined ? value : `${given[field]} ${value}`
    return field === undefined
  })
  return { given, words }
}

/**
 * The fields of a lead in any order, with or without labels, separated by spaces, commas, line breaks or (mostly) nothing. Company and
 * contact are told apart by what they look like; what is neither is the interest. A bad amount or number becomes a problem.
 */
export function readLeadFields(text: string): LeadIntent {
  const { phone, rest } = cutPhone(text)
  const loose = rest.replace(LABEL_AT, ' $1:').replaceAll('预算', ' 预算')
  const { given, words: plain } = takeLabelled(loose)
  const badPhone =
    phone === undefined && given.phone === undefined ? plain.find(word => /^\+?\d[\d-]{4,24}$/.test(word.key)) : undefined
  const words = shapeWords(
    joinEndings(
      plain.filter(word => word !== badPhone),
      loose,
    ),
    loose,
  )
  const found = assign(words, { company: given.company === undefined, contact: given.contact === undefined })
  const others = words.filter(word => word !== found.company && word !== found.contact)
  const interest = [given.interest, joined(others, loose, plain)].filter(Boolean).join(' ')
  const lead: LeadIntent = { type: 'lead.new', problems: [] }
  addName(lead, 'company', given.company ?? found.company?.text)
  addName(lead, 'contact', given.contact ?? found.contact?.text)
  addPhone(lead, phone, given.phone ?? badPhone?.text)
  addName(lead, 'interest', interest)
  addBudget(lead, given.budget)
  return lead
}

function addName(lead: LeadIntent, field: 'company' | 'contact' | 'interest', said: string | undefined): void {
  const name = cleanName(said ?? '', 1000)
  if (name.length > LIMITS[field]) lead.problems.push(tooLong(field))
  else if (name) lead[field] = name
}

const tooLong = (field: 'company' | 'contact' | 'interest'): FieldProblem => {
  return { field, code: 'text.too_long', message: `${TITLES[field]}请控制在 ${LIMITS[field]} 个字以内。` }
}

function addPhone(lead: LeadIntent, found: string | undefined, said: string | undefined): void {
  const phone = found ?? (said === undefined ? null : parsePhone(said))
  if (phone) lead.phone = phone
  else if (said) lead.problems.push({ field: 'phone', code: 'phone.unreadable', message: PHONE_UNREADABLE })
}

/** What to say about a telephone number that cannot be one. */
export const PHONE_UNREADABLE = '这个电话号码好像不完整,请写成 13812345678 或 023-61234567 这样。'

function addBudget(lead: LeadIntent, said: string | undefined): void {
  const budget = readSpokenAmount(said ?? '')
  if (budget === 'none') return
  if (budget.ok) lead.budgetMinor = budget.minor
  else lead.problems.push({ field: 'budget', code: budget.code, message: budget.message })
}
