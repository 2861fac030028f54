import { z } from 'zod'
import type { ChoiceView, FieldView, RouteStep } from './approvals.ts'

const key = z.string().min(1).max(60)
/** Field name → what was filled in, as people write it: `62万`, `2026-11-21`, an option, ids of people. */
const form = z.record(
  z.string().max(120),
  z.union([z.string().max(5000), z.boolean(), z.number(), z.null(), z.array(z.string().max(200)).max(50)]),
)
const choices = z.record(z.string().max(60), z.array(z.string().min(1).max(64)).min(1).max(50))

/** A kind of request that somebody may begin. `requests.templates` */
export interface RequestTemplate {
  key: string
  /** 项目报备 */
  name: string
  /** What it is for, in one line. */
  about?: string
  /** Its stages by name, in order: `技术评估 ∥ 财务测算`, `评审组表决`. */
  steps: string[]
  /** The page where it is filled in. */
  to: string
}

/** `requests.form` */
export const requestFormInput = z.object({ key })

export interface RequestFormView {
  key: string
  name: string
  version: number
  fields: FieldView[]
  /** May, or must, a customer be named? */
  customer: 'none' | 'optional' | 'required'
  choices: ChoiceView[]
}

/** `requests.route`: 谁会审批, before it is submitted. */
export const requestRouteInput = z.object({ key, form, customerId: z.string().max(64).optional(), choices: choices.optional() })

export interface RequestRoute {
  steps: RouteStep[]
  /** Why the case would come to stand still after these steps, when it would. */
  stop?: string
}

/** `requests.submit`. `attachmentIds` come from `POST /api/files`. */
export const requestSubmitInput = z.object({
  key,
  form,
  customerId: z.string().min(1).max(64).optional(),
  attachmentIds: z.array(z.string().max(64)).max(9).default([]),
  choices: choices.optional(),
  draftId: z.string().max(64).optional(),
})

export interface RequestSubmitted {
  requestId: string
  number: string
  caseId: string
}
