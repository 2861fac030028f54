import { z } from 'zod'
import { pageInput } from './page.ts'
import type { PersonRef } from './people.ts'

/** 委托 as its two people and the admin see it. Times in milliseconds. */
export interface DelegationView {
  id: string
  from: PersonRef
  to: PersonRef
  startsAt: number
  /** Null: until somebody ends it. */
  endsAt: number | null
  state: 'coming' | 'active' | 'ended'
  reason?: string
  setBy: PersonRef
  endedAt?: number
  can: { end: boolean }
}

const personId = z.string().min(1).max(64)
/** What a date may be in ECMA-262. */
const moment = z.number().int().min(0).max(8.64e15)

/** `delegations.set`: `toPersonId` decides in place of `fromPersonId` (oneself; an admin may name anybody). Without `startsAt`: from now on. */
export const delegationSetInput = z.object({
  fromPersonId: personId.optional(),
  toPersonId: personId,
  startsAt: moment.optional(),
  endsAt: moment.nullable().default(null),
  reason: z.string().trim().max(200).optional(),
})

export const delegationEndInput = z.object({ delegationId: personId })

/** `delegations.list`: one's own, as absent person or stand-in. `everybody`: for admins. */
export const delegationListInput = pageInput.extend({
  everybody: z.boolean().default(false),
  open: z.boolean().default(false),
})
