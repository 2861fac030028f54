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
  'approval.not_your_turn',
  'approval.already_voted',
  'approval.already_decided',
  'approval.nothing_to_reject',
  'approval.operation_not_allowed',
  'approval.incident',
  'approval.reason_required',
  'approval.reason_too_long',
  'approval.comment_required',
  'approval.comment_too_long',
  'approval.too_many_comments',
  'approval.field_required',
  'approval.field_invalid',
  'approval.field_not_editable',
  'approval.output_required',
  'approval.choice_required',
  'approval.choice_not_allowed',
  'approval.person_inactive',
  'approval.too_many_people',
  'approval.transfer_to_self',
  'approval.transfer_to_assignee',
  'approval.transfer_to_submitter',
  'approval.sign_submitter',
  'approval.sign_assignee',
  'approval.sign_not_removable',
  'approval.return_target',
  'approval.not_returned',
  'approval.nothing_to_retract',
  'approval.retract_too_late',
  'approval.not_submitter',
  'approval.not_participant',
  'approval.urge_too_soon',
  'approval.nobody_to_urge',
  'approval.not_admin',
  'approval.own_case',
  'approval.no_incident',
  'approval.which_incident',
  'approval.assign_required',
  'approval.assign_submitter',
  'approval.branch_required',
  'approval.reroute_target',
  'approval.handover_to_submitter',
  'approval.nothing_changed',
  'approval.migration_blocked',
  'approval.timer_stale',
  'approval.answer_stale',
] as const

export type RefusalCode = (typeof REFUSALS)[number]

/** Small facts for the sentence at the edge: ids, moments in milliseconds, words. */
export type RefusalDetails = Record<string, string | number | string[]>

export interface Accepted {
  kind: 'next'
  state: ProcessState
  effects: Effect[]
}

/** The same call again, with these answered in `env`. */
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

export const refusal = (code: RefusalCode, details: RefusalDetails = {}): Refused => ({ kind: 'refused', code, details })

/** Ends a verb from however deep inside; caught by `transition` alone. */
export class Refusal extends Error {
  readonly refused: Refused

  constructor(code: RefusalCode, details: RefusalDetails) {
    super(code)
    this.refused = refusal(code, details)
  }
}

/** A verb cannot go on before what it looked up is answered. Caught by `transition` alone. */
export class Unanswered extends Error {}

/** @throws Refusal always */
export function refuse(code: RefusalCode, details: RefusalDetails = {}): never {
  throw new Refusal(code, details)
}
