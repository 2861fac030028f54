import { z } from 'zod'
import type { PersonRef } from './people.ts'

export interface LeadRow {
  id: string
  number: string
  company: string
  contact: string
  interest?: string
  budgetMinor?: number
  status: '新建' | '跟进中' | '已转化' | '已关闭'
  createdAt: number
  owner: PersonRef
  customerId: string
}

/**
 * `leads.create`. `budget` is text as people write it (80万, 800,000.00). `draftId`: the chat draft that this form finishes.
 * `anyway`: the person saw who follows this customer already and wants the lead all the same.
 */
export const leadCreateInput = z.object({
  company: z.string().trim().min(1, '请填写公司名称').max(60),
  contact: z.string().trim().min(1, '请填写联系人').max(30),
  phone: z.string().trim().min(1, '请填写联系电话').max(30),
  interest: z.string().trim().max(200).optional(),
  budget: z.string().trim().max(40).optional(),
  draftId: z.string().max(64).optional(),
  anyway: z.boolean().default(false),
})

export interface LeadCreated {
  leadId: string
  number: string
  customerId: string
}

/** Who follows this company or phone already. `leads.duplicates` */
export const leadDuplicatesInput = z.object({ company: z.string().max(60).default(''), phone: z.string().max(30).default('') })

export interface DuplicateMatch {
  by: 'phone' | 'company'
  owner: PersonRef
  /** Since when, in milliseconds. */
  since: number
  /** Present only when the asker may see that customer. */
  customer?: { id: string; name: string }
}

/** A chat draft, to prefill the form behind 修改. `drafts.get`; null when it is finished or not yours. */
export const draftGetInput = z.object({ draftId: z.string().min(1).max(64) })

export interface DraftView {
  draftId: string
  kind: 'lead' | 'activity' | 'contract' | 'request'
  status: 'open' | 'done' | 'cancelled'
  /** Form field → text, exactly as the card shows it. */
  values: Record<string, string>
}
