import { z } from 'zod'

export interface PersonRef {
  id: string
  name: string
  title?: string
}

/** Who is logged in, and what the frame of the mini-app shows. `GET /api/me` */
export interface Me {
  person: PersonRef & { departments: string[]; platforms: string[]; roles: string[]; isAdmin: boolean }
  companyName: string
  /** What the company's clocks show, as `Asia/Shanghai`: days begin and end by it, whatever the phone's zone. */
  timeZone: string
  badges: { approvals: number; todos: number }
  /** Came by the one-time link, before the first admin: may arrange people and the company, nothing that needs a person. */
  isSetup?: true
  /** True when the service runs its sample data and emulators. */
  demo: boolean
}

/** Ways to log in from a plain browser. `GET /api/auth/options`, no login needed. */
export interface AuthOptions {
  companyName: string
  wecom: boolean
  /** `clientId` and `corpId` are what DingTalk's `requestAuthCode` wants; both are public. */
  dingtalk: { corpId: string; clientId: string } | null
}

/** `people.search`: to transfer to somebody. */
export const peopleSearchInput = z.object({
  q: z.string().max(50).default(''),
  limit: z.coerce.number().int().min(1).max(50).default(20),
})

/** A row of the admin's page. `people.list` */
export interface PersonRow extends PersonRef {
  departments: string[]
  mobileMasked?: string
  accounts: { platform: string; userId: string }[]
  roles: { name: string; source: 'assigned' | 'platform' | 'title' | 'department' }[]
  superior: (PersonRef & { source: 'assigned' | 'platform' | 'department' }) | null
  isAdmin: boolean
  active: boolean
}

export const peopleListInput = z.object({
  q: z.string().max(50).default(''),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
})

/** `people.assign`: the admin's choice beats the platform's. `superiorId: null` goes back to the platform's. */
export const peopleAssignInput = z.object({
  personId: z.string().min(1).max(64),
  roles: z.array(z.string().trim().min(1).max(20)).max(20).optional(),
  superiorId: z.string().max(64).nullable().optional(),
  isAdmin: z.boolean().optional(),
})

/** `people.link`: two accounts are the same person; the second is folded into the first. */
export const peopleLinkInput = z.object({ personId: z.string().min(1).max(64), otherId: z.string().min(1).max(64) })

/** `settings.update`: the name customers see. */
export const settingsUpdateInput = z.object({ companyName: z.string().trim().min(1).max(50) })

/** Work that failed five times. `work.deadLetters` */
export interface DeadLetter {
  id: string
  kind: 'inbound' | 'effect' | 'card' | 'timer' | 'step'
  title: string
  error: { code: string; message: string }
  /** Its outcome is unknown: trying again may be a second time for the reader. */
  mayHaveArrived?: true
  attempts: number
  at: number
}

export const workReplayInput = z.object({
  id: z.string().min(1).max(200),
  kind: z.enum(['inbound', 'effect', 'card', 'timer', 'step']),
})
