import { type ProcessDefinition, type ProcessDraft, processDefinition } from '../definition.ts'

/** A process that comes with the product: ready to use, and a pattern to change. */
export interface ProcessTemplate {
  definition: ProcessDefinition
  /** Numbers of its cases begin with it: `XB-2026-0001`. */
  prefix: string
  /** What it is for, in one line. */
  about: string
}

export const template = (prefix: string, about: string, draft: ProcessDraft): ProcessTemplate => ({
  definition: processDefinition.parse(draft),
  prefix,
  about,
})

/** Working seconds. A working day is 8 hours here, as in the calendar that the product comes with. */
export const HOUR = 3600
export const DAY = 8 * HOUR

/** Fields that several forms share. */
export const common = {
  title: { type: 'string', label: '标题' },
  customerName: { type: 'string', label: '客户' },
  amountMinor: { type: 'money', label: '金额' },
  note: { type: 'string', label: '说明' },
} as const

export const options = (...values: readonly string[]): { value: string; label: string }[] =>
  values.map(value => ({ value, label: value }))
