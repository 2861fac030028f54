import type { ContractType } from '../../../common/contract/contracts.ts'

/** Something the person said that cannot be taken as it is. `message` is a Chinese sentence, `code` is stable. */
export interface FieldProblem {
  field: LeadField | ContractField
  code: string
  message: string
}

export type LeadField = 'company' | 'contact' | 'phone' | 'interest' | 'budget'
export type ContractField = 'customer' | 'title' | 'contractType' | 'amount'
export type ActivityField = 'customer' | 'text'

/** Which case is meant: the number printed on the card, or the place (from 1) in the list just shown. */
export type Ref = { kind: 'number'; number: string } | { kind: 'place'; index: number }

/** A day as it was said; which one it is depends on today. `weekday` 1 is Monday; without `weeksAhead` the next one that comes. */
export type DayWord =
  | { kind: 'offset'; days: number }
  | { kind: 'weekday'; weekday: number; weeksAhead?: number }
  | { kind: 'date'; month: number; day: number; year?: number }
  | { kind: 'monthEnd' }

export interface LeadIntent {
  type: 'lead.new'
  company?: string
  contact?: string
  /** As `parsePhone` gives it. */
  phone?: string
  interest?: string
  /** 分 */
  budgetMinor?: number
  problems: FieldProblem[]
}

export interface ContractIntent {
  type: 'contract.submit'
  customer?: string
  title?: string
  contractType?: ContractType
  /** 分 */
  amountMinor?: number
  problems: FieldProblem[]
}

/** What a message asks for, before anyone looked whether it is allowed or exists. Names are cleaned plain text, never trusted. */
export type Intent =
  | LeadIntent
  | ContractIntent
  /** `query` is empty when only 查 was said; the same holds for 拜访. */
  | { type: 'customer.find'; query: string }
  | { type: 'customer.visit'; query: string }
  /** 谁负责 … */
  | { type: 'customer.owner'; query: string }
  | { type: 'activity.write'; customer?: string; text?: string }
  | { type: 'todo.list' }
  | { type: 'approval.list' }
  /** `process`: which one; all at a glance without. */
  | { type: 'process.pace'; process?: string }
  | { type: 'approval.approve'; ref?: Ref; comment?: string }
  | { type: 'approval.finish'; ref?: Ref; comment?: string }
  | { type: 'approval.reject'; ref?: Ref; reason?: string }
  | { type: 'approval.transfer'; ref?: Ref; to?: string }
  | { type: 'approval.urge'; ref?: Ref }
  | { type: 'approval.withdraw'; ref?: Ref }
  | { type: 'approval.return'; ref?: Ref; reason?: string }
  | { type: 'approval.resubmit'; ref?: Ref }
  | { type: 'approval.addSign'; ref?: Ref; people: string[]; placement: 'before' | 'after' | 'parallel' }
  | { type: 'approval.copy'; ref?: Ref; people: string[] }
  /** `mentions` are the names after an @ in the text. */
  | { type: 'approval.comment'; ref?: Ref; text?: string; mentions: string[] }
  | { type: 'approval.retract'; ref?: Ref }
  | { type: 'approval.approveAll' }
  /** `words`: which kind of request, and for which customer. */
  | { type: 'request.new'; words: string }
  /** Until the end of the day `until`, or for so many `days`, the first one included; from `from` on, else at once. */
  | { type: 'delegation.set'; to?: string; from?: DayWord; until?: DayWord; days?: number }
  | { type: 'delegation.end' }
  | { type: 'delegation.list' }
  | { type: 'portal.share'; customer?: string }
  | { type: 'portal.revoke'; customer?: string }
  /** `about`: a customer's name or the number of a contract. */
  | { type: 'space.open'; about?: string }
  | { type: 'help' }
  | { type: 'reply.confirm' }
  | { type: 'reply.cancel' }
  | { type: 'reply.amend' }
  | { type: 'reply.proceed' }
  /** `index` counts from 1. */
  | { type: 'reply.pick'; index: number }
  | { type: 'unknown'; text: string }

export type IntentOf<Type extends Intent['type']> = Extract<Intent, { type: Type }>

/** The same as `Intent`, by the name of the act. */
export type Understanding = Intent

/** Reads one family of phrases; null when the text is not of that family. `text` is tidy (see `tidy`). */
export type PhraseReader = (text: string) => Intent | null
