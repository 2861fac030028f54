import { CONTRACT_TYPES, type ContractType } from '../../../common/contract/contracts.ts'
import { cleanName } from '../../../common/names.ts'
import { isAmountLike, isPlainlyMoney, readSpokenAmount } from './amounts.ts'
import type { ContractField, ContractIntent, PhraseReader } from './intent.ts'
import { joined, type Token, tokens } from './text.ts'

const COMMAND = /^(?:提交|新建|发起|上报|新增)合同(?:审批)?[\s:：,，]*([\s\S]*)$/
const LABEL = /^(客户名称|客户|合同标题|合同名称|标题|名称|合同类型|类型|合同金额|总金额|金额)[:=](.*)$/
const FIELD_OF_LABEL = { 客: 'customer', 标: 'title', 名: 'title', 类: 'contractType', 金: 'amount', 总: 'amount' } as const

/** 专线, 集成 or 其他, from the word or a near spelling. */
export function readContractType(text: string): ContractType | null {
  const word = text
    .trim()
    .replace('其它', '其他')
    .replace(/(?:类合同|合同|类型|类)$/, '')
  return CONTRACT_TYPES.find(type => type === word) ?? null
}

function fieldOfLabel(label: string): ContractField {
  const head = label.replace(/^合同/, '').charAt(0) as keyof typeof FIELD_OF_LABEL
  return FIELD_OF_LABEL[head]
}

/** The last word that is surely money, else the last that may be (`提交合同 长安汽车 2026扩容 专线 620000`). */
function findAmount(later: readonly Token[]): Token | undefined {
  const glued = later.findLast(word => /^(?:金额|合同额|总价|价格|预算)./.test(word.key))
  return glued ?? later.findLast(word => isPlainlyMoney(word.key)) ?? later.findLast(word => isAmountLike(word.key))
}

/**
 * `提交合同 <客户> <标题> <专线|集成|其他> <金额>`. Type and amount are recognised wherever they stand after the customer; labels
 * (`金额:62万`) fix a field.
 */
export const readContract: PhraseReader = text => {
  const said = COMMAND.exec(text)?.[1]?.replace(/ ?([:\uff1a]) ?/g, '$1')
  if (said === undefined) return null
  const all = tokens(said)
  const given: Partial<Record<ContractField, string>> = {}
  let pending: ContractField | undefined
  const words = all.filter(word => {
    const [, label, value] = LABEL.exec(word.key) ?? []
    const field = label ? fieldOfLabel(label) : pending
    pending = label && value === '' ? field : undefined
    if (!field) return true
    if (!pending) given[field] ??= label ? word.text.slice(word.text.length - (value ?? '').length) : word.text
    return false
  })

  // The first word is the customer, even one that looks like a number (360).
  const amountWord = given.amount === undefined ? findAmount(given.customer === undefined ? words.slice(1) : words) : undefined
  const typeWord =
    given.contractType === undefined
      ? (given.customer === undefined ? words.slice(1) : words).findLast(word => readContractType(word.key))
      : undefined
  const names = words.filter(word => word !== amountWord && word !== typeWord)
  const customer = cleanName(given.customer ?? names.shift()?.text ?? '', 60)
  const title = cleanName(given.title ?? joined(names, said, all), 200)
  return assemble({ customer, title, type: given.contractType ?? typeWord?.key, amount: given.amount ?? amountWord?.key })
}

function assemble(said: {
  customer: string
  title: string
  type?: string | undefined
  amount?: string | undefined
}): ContractIntent {
  const intent: ContractIntent = { type: 'contract.submit', problems: [] }
  if (said.customer) intent.customer = said.customer
  if (said.title.length > 80) {
    intent.problems.push({ field: 'title', code: 'text.too_long', message: '合同标题请控制在 80 个字以内。' })
  } else if (said.title) {
    intent.title = said.title
  }
  const contractType = readContractType(said.type ?? '')
  if (contractType) intent.contractType = contractType
  else if (said.type)
    intent.problems.push({ field: 'contractType', code: 'contract.type_unknown', message: '合同类型请选:专线、集成、其他。' })
  const amount = readSpokenAmount((said.amount ?? '').replace(/^(?:金额|合同额|总价|价格|预算)/, ''))
  if (amount === 'none') return intent
  if (amount.ok) intent.amountMinor = amount.minor
  else intent.problems.push({ field: 'amount', code: amount.code, message: amount.message })
  return intent
}
