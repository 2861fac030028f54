import type { Effect } from './effect.ts'
import type { Need } from './lookups.ts'
import type { ProcessState } from './state.ts'

/** Every code with which an event can be refused. A refused event changes nothing. */
export const REFUSALS = [
  'approval.unknown_case',
  'approval.already_submitted',
  'approval.definition_mismatch',
  'approval.definition_invalid',
  'approval.unknown_task',
  'approval.not_assignee',
  'approval.already_decided',
  'approval.incident',
  'approval.reason_required',
  'approval.reason_too_long',
  'approval.comment_too_long',
  'approval.transfer_to_self',
  'approval.transfer_to_assignee',
  'approval.transfer_to_submitter',
  'approval.not_submitter',
  'approval.urge_too_soon',
  'approval.not_admin',
  'approval.no_incident',
  'approval.assign_required',
  'approval.assign_submitter',
  'approval.branch_required',
  'approval.own_case',
] as const

export type RefusalCode = (typeof REFUSALS)[number]

/** Small facts for the sentence at the edge: ids, moments in milliseconds, words. */
export type RefusalDetails = Record<string, string | number | string[]>

export interface Accepted {
  kind: 'next'
  state: ProcessState
  effects: Effect[]
}

/** The same call again, with these answered in `env.answers`. */
export interface Wanting {
  kind: 'needs'
  needs: Need[]
}

export interface Refused {
  kind: 'refused'
  code: RefusalCode
  details: RefusalDetails
}

export type TransitionResult = Accepted | Wanting | Refused

export const refused = (code: RefusalCode, details: RefusalDetails = {}): Refused => ({ kind: 'refused', code, details })
