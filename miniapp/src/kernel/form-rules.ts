import { formatYuan, parseAmount, toUpperYuan } from '../../../common/money.ts'
import { parsePhone } from '../../../common/phone.ts'

/** The same checks as the server's, made while the person is still at the field. Each answers a sentence, or null. */
export const needText = (sentence: string) => (value: string) => (value.trim() ? null : sentence)

export function phoneFault(value: string): string | null {
  if (!value.trim()) return '请填写联系电话'
  return parsePhone(value) ? null : '电话号码不完整,例如 138 1234 5678 或 023-12345678'
}

export function amountFault(value: string): string | null {
  const amount = parseAmount(value)
  return amount.ok ? null : amount.message
}

/** What stands under an amount while it is typed: the figure and its capital numerals; empty while it cannot be read. */
export function amountHint(value: string): string {
  const amount = parseAmount(value)
  return amount.ok ? `${formatYuan(amount.minor)} 元 · ${toUpperYuan(amount.minor)}` : ''
}
