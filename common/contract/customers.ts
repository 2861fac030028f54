import { z } from 'zod'
import type { ContractRow } from './contracts.ts'
import type { LeadRow } from './leads.ts'
import { pageInput } from './page.ts'
import type { PersonRef } from './people.ts'
import type { ProjectView } from './projects.ts'
import type { SpaceRow } from './spaces.ts'
import type { TodoRow } from './todos.ts'

/** 阶段: where the relation stands. */
export const CUSTOMER_STAGES = ['潜在', '跟进中', '已签约', '已流失'] as const
export type CustomerStage = (typeof CUSTOMER_STAGES)[number]

/** `customers.search`: only customers the asker may see. */
export const customersSearchInput = pageInput.extend({ q: z.string().max(100).default('') })

export interface CustomerRow {
  id: string
  name: string
  stage: CustomerStage
  owner: PersonRef
  /** Milliseconds. */
  lastActivityAt: number
}

export const customerGetInput = z.object({ customerId: z.string().min(1).max(64) })

export interface ContactRow {
  id: string
  name: string
  title?: string
  /** Whole for those who may call, else masked. */
  phone: string
}

export interface ShareRow {
  id: string
  createdAt: number
  expiresAt: number
  revokedAt: number | null
  views: number
  lastViewedAt: number | null
  createdBy: PersonRef
}

/** Customer 360. `customers.get` */
export interface CustomerDetail {
  id: string
  name: string
  stage: CustomerStage
  source: string
  tags: string[]
  owner: PersonRef
  createdAt: number
  contacts: ContactRow[]
  figures: {
    contractTotalMinor: number
    contractsInApproval: number
    activeProjects: number
    openTodos: number
    openTickets: number
  }
  contracts: ContractRow[]
  projects: ProjectView[]
  leads: LeadRow[]
  todos: TodoRow[]
  shares: ShareRow[]
  /** Groups of the people concerned. */
  spaces: SpaceRow[]
  can: { writeActivity: boolean; submitContract: boolean; share: boolean }
}

/** `customers.timeline` */
export const customerTimelineInput = pageInput.extend({
  customerId: z.string().min(1).max(64),
  type: z.enum(['all', 'activity', 'contract', 'lead', 'project', 'share', 'request']).default('all'),
})

export interface TimelineEntry {
  id: string
  at: number
  type: 'activity' | 'contract' | 'lead' | 'project' | 'share' | 'request'
  title: string
  text?: string
  by: PersonRef | null
  /** Hash route below `/m/`, when there is a page for it. */
  to?: string
}
