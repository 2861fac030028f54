import { parsePhone } from '../../../common/phone.ts'
import type { PhraseReader } from './intent.ts'
import { readLeadFields } from './lead-fields.ts'
import { isCompanyLike, isPersonLike, likeness } from './score.ts'
import { NAMELESS } from './words.ts'

const COMMAND = /^(?:(?:新建|新增|添加|录入|创建|登记|建|录|加)(?:一?[条个])?(?:新)?线索|新线索)[\s:：,，。]*([\s\S]*)$/

/** Words that can be nothing but what somebody wants. */
const SURELY_INTEREST = 9

/**
 * The documented order, said word for word: company, contact, phone. Position tells what names are that look like nothing; only what is plainly the other way round, or plainly a product, is not taken so.
 */
function inOrder(said: string): string {
  const match = /^(\S{1,60})\s+(\S{1,30})\s+(\S{7,20})(?=\s|$)([\s\S]*)$/.exec(said)
  const [, company = '', contact = '', phone = '', rest = ''] = match ?? []
  const labelled = /[:：]|^预算/
  if (!match || parsePhone(phone) === null || labelled.test(company) || labelled.test(contact)) return said
  if (NAMELESS.test(company) || NAMELESS.test(contact)) return said
  if (parsePhone(company) !== null || parsePhone(contact) !== null) return said
  if (likeness(company).interest >= SURELY_INTEREST || likeness(contact).interest >= SURELY_INTEREST) return said
  if (isPersonLike(company) && !isPersonLike(contact)) return said
  if (isCompanyLike(contact) && !isPersonLike(contact)) return said
  return `公司:${company} 联系人:${contact} ${phone}${rest}`
}

/** `新建线索 <公司> <联系人> <电话> <需求> 预算<金额>`, the fields in any order. */
export const readLead: PhraseReader = text => {
  const said = COMMAND.exec(text)?.[1]
  if (said === undefined) return null
  const lead = readLeadFields(said)
  return lead.company !== undefined && lead.contact !== undefined ? lead : readLeadFields(inOrder(said))
}
