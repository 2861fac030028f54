import { z } from 'zod'
import type { CaseStatus } from './approvals.ts'

export const CONTRACT_TYPES = ['专线', '集成', '其他'] as const
export type ContractType = (typeof CONTRACT_TYPES)[number]

/** A contract stands as its approval does. */
export type ContractStatus = CaseStatus

/** `contracts.submit`. `amount` is text as people write it; `attachmentIds` come from `POST /api/files`. */
export const contractSubmitInput = z.object({
  customerId: z.string().min(1).max(64),
  title: z.string().trim().min(1, '请填写合同标题').max(80),
  type: z.enum(CONTRACT_TYPES, '请选择合同类型'),
  amount: z.string().trim().min(1, '请填写合同金额').max(40),
  attachmentIds: z.array(z.string().max(64)).max(9).default([]),
  draftId: z.string().max(64).optional(),
})

export interface ContractSubmitted {
  contractId: string
  number: string
  caseId: string
}

export interface ContractRow {
  id: string
  number: string
  title: string
  type: ContractType
  amountMinor: number
  status: ContractStatus
  submittedAt: number
  caseId: string
}

/** Who will approve, shown before submitting. `contracts.route` */
export const contractRouteInput = z.object({ type: z.enum(CONTRACT_TYPES), amount: z.string().max(40) })
