import type { ApproverContext } from './approvers.ts'
import type { ProcessDefinition } from './definition.ts'
import type { EffectBody } from './effect.ts'
import type { Lookups } from './lookups.ts'
import type { Refused } from './result.ts'
import type { ProcessState } from './state.ts'

/** What one run of the engine knows beside state and event. */
export interface Turn {
  definition: ProcessDefinition
  /** Milliseconds since the epoch. */
  now: number
  lookups: Lookups
}

/** The outcome of a verb before revision and effect ids are put on. */
export interface Draft {
  kind: 'draft'
  state: ProcessState
  effects: EffectBody[]
}

/** `unknown`: a look-up is still open, so nothing can be said yet. */
export type VerbResult = Draft | Refused | 'unknown'

export const draft = (state: ProcessState, effects: EffectBody[]): Draft => ({ kind: 'draft', state, effects })

export const peopleOf = (state: Pick<ProcessState, 'submitterId' | 'form'>, turn: Turn): ApproverContext => ({
  submitterId: state.submitterId,
  form: state.form,
  lookups: turn.lookups,
})
