import type { ContractType } from '../../../common/contract/contracts.ts'
import { cleanName, cleanText } from '../../../common/names.ts'
import { parsePhone } from '../../../common/phone.ts'
import { readSpokenAmount } from './amounts.ts'
import { readContractType } from './contracts.ts'
import type { ActivityField, ContractField, LeadField } from './intent.ts'
import { cutPhone, PHONE_UNREADABLE } from './lead-fields.ts'
import { tidy } from './text.ts'

/** What each asked-for field holds once it is answered; amounts in 分. */
export interface FieldValues {
  company: string
  contact: string
  phone: string
  interest: string
  budget: number
  customer: string
  title: string
  contractType: ContractType
  amount: number
  text: string
}

/** `code` is stable; `message` is a Chinese sentence that says how to answer. */
export type FieldAnswer<T> = { ok: true; value: T } | { ok: false; code: string; message: string }

type Reader<T> = (said: string) => FieldAnswer<T>

const no = (code: string, message: string): FieldAnswer<never> => ({ ok: false, code, message })

const name =
  (title: string, label: RegExp, longest: number): Reader<string> =>
  said => {
    const value = cleanName(said.replace(label, ''), 1000)
    if (value === '') return no('text.empty', `请告诉我${title}。`)
    return value.length > longest ? no('text.too_long', `${title}请控制在 ${longest} 个字以内。`) : { ok: true, value }
  }

const amount: Reader<number> = said => {
  const read = readSpokenAmount(said.replace(/^(?:预算金额|合同金额|预算|金额)/, ''))
  if (read === 'none') return no('amount.unreadable', '请告诉我金额,例如 80万 或 800,000.00。')
  return read.ok ? { ok: true, value: read.minor } : no(read.code, read.message)
}

const READERS: { [F in keyof FieldValues]: Reader<FieldValues[F]> } = {
  company: name('公司名称', /^(?:公司名称|公司|客户名称|客户|单位)(?:[:：]|是|叫)\s*/, 60),
  contact: name('联系人', /^(?:联系人|对接人|姓名)(?:[:：]|是|叫)?\s*/, 30),
  interest: name('需求', /^(?:需求|意向)(?:[:：]|是)\s*/, 200),
  customer: name('客户名称', /^(?:客户名称|客户|公司)(?:[:：]|是|叫)\s*/, 60),
  title: name('合同标题', /^(?:合同标题|标题)(?:[:：]|是|叫)\s*/, 80),
  phone: said => {
    const phone = cutPhone(said).phone ?? parsePhone(said)
    return phone ? { ok: true, value: phone } : no('phone.unreadable', PHONE_UNREADABLE)
  },
  budget: amount,
  amount,
  contractType: said => {
    const value = readContractType(cleanName(said, 40).replace(/^(?:合同)?类型(?:[:：]|是)?/, ''))
    return value ? { ok: true, value } : no('contract.type_unknown', '合同类型请选:专线、集成、其他。')
  },
  text: said => {
    const value = cleanText(said, 2000)
    return value === '' ? no('text.empty', '请告诉我跟进的内容。') : { ok: true, value }
  },
}

/** The answer to "which company?" and the like: the value, or why it cannot be one. Never throws. */
export function fillField<F extends LeadField | ContractField | ActivityField>(
  field: F,
  text: string,
): FieldAnswer<FieldValues[F]> {
  return READERS[field](tidy(text))
}
