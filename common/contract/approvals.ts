import { z } from 'zod'
import type { ContractStatus, ContractType, FileRef, RouteStep } from './contracts.ts'
import { pageInput } from './page.ts'
import type { PersonRef } from './people.ts'

/** `approvals.list`: 待我处理 / 我发起的 / 已处理 */
export const approvalsListInput = pageInput.extend({ box: z.enum(['waiting', 'submitted', 'done']).default('waiting') })

export interface ApprovalRow {
  caseId: string
  number: string
  title: string
  customerName: string
  amountMinor: number
  status: ContractStatus
  /** The node that waits now, e.g. 财务审批; absent when it is over. */
  nodeName?: string
  submitter: PersonRef
  submittedAt: number
}

export const approvalGetInput = z.object({ caseId: z.string().min(1).max(64) })

/** One line of the path: done, now or to come. */
export interface PathStep {
  name: string
  state: 'done' | 'now' | 'coming'
  /** Who decided, or who may, or who will. */
  people: PersonRef[]
  /** `提交 | 同意 | 拒绝 | 撤回`, for done steps. */
  outcome?: string
  reason?: string
  comment?: string
  enteredAt?: number
  decidedAt?: number
  /** How long it waited, in milliseconds. */
  waitedMs?: number
  /** The channel it was decided through: 企业微信 / 钉钉 / H5. */
  via?: string
  transfers: { from: PersonRef; to: PersonRef; at: number }[]
}

export interface ApprovalDetail {
  caseId: string
  number: string
  title: string
  type: ContractType
  amountMinor: number
  status: ContractStatus
  /** Shown when the case stands still until an admin acts. */
  incident?: string
  customer: { id: string; name: string; open: boolean }
  submitter: PersonRef
  submittedAt: number
  finishedAt?: number
  attachments: FileRef[]
  path: PathStep[]
  coming: RouteStep[]
  handOffs: number
  can: { decide: boolean; transfer: boolean; withdraw: boolean; urge: boolean }
  /** Reasons this person gave before, newest first, at most five. */
  recentReasons: string[]
}

/** `approvals.decide`. A rejection needs a reason. */
export const approvalDecideInput = z.object({
  caseId: z.string().min(1).max(64),
  taskId: z.string().max(100).optional(),
  decision: z.enum(['approve', 'reject']),
  comment: z.string().trim().max(1000).optional(),
})

export const approvalTransferInput = z.object({
  caseId: z.string().min(1).max(64),
  toPersonId: z.string().min(1).max(64),
  comment: z.string().trim().max(1000).optional(),
})

export const approvalCaseInput = z.object({ caseId: z.string().min(1).max(64) })

export interface ApprovalResult {
  caseId: string
  status: ContractStatus
  /** One sentence for a toast. */
  message: string
}
