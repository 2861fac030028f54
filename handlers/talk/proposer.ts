import { z } from 'zod'
import { cleanName, cleanText } from '../../common/names.ts'
import { parsePhone } from '../../common/phone.ts'
import { readSpokenAmount } from './understand/amounts.ts'
import type { Intent, LeadIntent } from './understand/intent.ts'
import { halfWidth } from './understand/text.ts'

/**
 * Reads a freely worded sentence with a language model. It only proposes: the answer goes through `fromProposal`, and a person confirms
 * before anything is written.
 */
export interface Proposer {
  /**
   * @param text what the person said
   * @param signal ends the attempt; the caller sets the time that may be spent
   * @returns the model's raw answer, unchecked; null when it gave none
   * @throws AppError `model.failed` when the provider refused, failed or was not reached in time
   */
  propose(text: string, signal: AbortSignal): Promise<unknown>
}

const said = (meaning: string) => z.string().nullable().describe(meaning)

/** What a model may answer. Everything is text: amounts and numbers are read by our own parsers. Absent is null (strict structured outputs). */
export const proposal = z.object({
  intent: z.enum(['lead.new', 'customer.find', 'customer.visit', 'activity.write', 'none']),
  company: said('客户公司名称,照原话'),
  contact: said('联系人姓名,照原话'),
  phone: said('联系电话,照原话'),
  interest: said('需求或意向产品,照原话'),
  budget: said('预算金额,照原话,例如 80万'),
  customer: said('要查询、拜访或写跟进的客户名称'),
  text: said('跟进内容'),
})

const answered = proposal.partial()

const text = (value: string | null | undefined, maxLength: number): string => cleanName((value ?? '').slice(0, 4000), maxLength)

const digits = (value: string): string => halfWidth(value).replace(/\D/g, '')

function leadOf(answer: z.infer<typeof answered>, heard: string | undefined): LeadIntent | null {
  const lead: LeadIntent = { type: 'lead.new', problems: [] }
  const [company, contact, interest] = [text(answer.company, 60), text(answer.contact, 30), text(answer.interest, 200)]
  if (company) lead.company = company
  if (contact) lead.contact = contact
  if (interest) lead.interest = interest
  const phone = parsePhone(answer.phone ?? '')
  // A number nobody said is an invention; better ask for it.
  if (phone && (heard === undefined || digits(heard).includes(digits(phone)))) lead.phone = phone
  const budget = readSpokenAmount(answer.budget ?? '')
  if (budget !== 'none') {
    if (budget.ok) lead.budgetMinor = budget.minor
    else lead.problems.push({ field: 'budget', code: budget.code, message: budget.message })
  }
  return company || contact || lead.phone ? lead : null
}

/**
 * A model's answer as an intent, or null when it is of no use. Only what may be proposed comes out: a lead, a search, a visit, a note.
 *
 * @param heard what the person said; a telephone number that is not in it is dropped
 */
export function fromProposal(raw: unknown, heard?: string): Intent | null {
  const parsed = answered.safeParse(raw)
  if (!parsed.success) return null
  const answer = parsed.data
  const customer = text(answer.customer ?? answer.company, 60)
  switch (answer.intent) {
    case 'lead.new':
      return leadOf(answer, heard)
    case 'customer.find':
    case 'customer.visit':
      return customer ? { type: answer.intent, query: customer } : null
    case 'activity.write': {
      const note = cleanText((answer.text ?? '').slice(0, 4000), 2000)
      return customer || note ? { type: 'activity.write', ...(customer && { customer }), ...(note && { text: note }) } : null
    }
    case 'none':
    case undefined:
      return null
  }
}
