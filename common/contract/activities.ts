import { z } from 'zod'

export const ACTIVITY_KINDS = ['拜访', '电话', '微信', '其他'] as const

/** `activities.create`: a follow-up note on a customer. */
export const activityCreateInput = z.object({
  customerId: z.string().min(1).max(64),
  text: z.string().trim().min(1, '请填写跟进内容').max(2000),
  kind: z.enum(ACTIVITY_KINDS).default('其他'),
  draftId: z.string().max(64).optional(),
})

export interface ActivityCreated {
  activityId: string
}
