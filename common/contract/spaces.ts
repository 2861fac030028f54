import { z } from 'zod'
import type { PersonRef } from './people.ts'

/** What a group is bound to. */
export const SPACE_SUBJECTS = ['customer', 'contract', 'project'] as const
export type SpaceSubject = (typeof SPACE_SUBJECTS)[number]

/** `spaces.open`: a group with the people concerned. `id` is the customer's, contract's or project's. */
export const spaceOpenInput = z.object({ subject: z.enum(SPACE_SUBJECTS), id: z.string().min(1).max(64) })

export const SPACE_STATUSES = ['建立中', '已建立', '失败'] as const
export type SpaceStatus = (typeof SPACE_STATUSES)[number]

export interface SpaceOpened {
  spaceId: string
  name: string
  /** In words: 企业微信, 钉钉. */
  platform: string
  memberNames: string[]
  /** Concerned, but without an account on that platform. */
  leftOutNames: string[]
}

/** A group as the record shows it. */
export interface SpaceRow {
  id: string
  name: string
  platform: string
  status: SpaceStatus
  openedAt: number
  openedBy: PersonRef
  members: PersonRef[]
}
