import { findNode, type ProcessDefinition, type ProcessNode } from './definition.ts'
import type { EffectBody } from './effect.ts'
import type { Lookups } from './lookups.ts'
import { refuse, Unanswered } from './result.ts'
import type { ProcessState } from './state.ts'

/**
 * One run of the engine. `state` is the case as it is becoming: always replaced, never changed in place, so that what was handed in
 * stays as it was.
 */
export interface Turn {
  readonly definition: ProcessDefinition
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly lookups: Lookups
  /** The version that the case is to be moved to. */
  readonly target?: ProcessDefinition
  /** 谁会审批: nobody is waited for, every step is taken as approved. */
  readonly rehearsal: boolean
  /** Entries that the case had made before. */
  readonly enteredBefore: number
  state: ProcessState
  /** What people did, in order; what follows from it is told by `consequences`. */
  readonly acts: EffectBody[]
  /** Nodes whose people ought to have been named with this event. */
  readonly unnamed: string[]
  /** Nodes whose rules named nobody who is there. */
  readonly nobodyAt: string[]
}

export const beginTurn = (
  definition: ProcessDefinition,
  state: ProcessState,
  now: number,
  lookups: Lookups,
  rehearsal = false,
): Turn => ({ definition, now, lookups, rehearsal, enteredBefore: state.entered, state, acts: [], unnamed: [], nobodyAt: [] })

/** Replaces parts of the case. */
export function change(turn: Turn, parts: Partial<ProcessState>): void {
  turn.state = { ...turn.state, ...parts }
}

/** A node that the case refers to. Refused: `approval.definition_invalid`. */
export const nodeOf = (turn: Turn, nodeId: string): ProcessNode =>
  findNode(turn.definition, nodeId) ?? refuse('approval.definition_invalid')

/** The answer to a look-up without which a verb cannot go on. */
export function answered<T>(answer: T | undefined): T {
  if (answer === undefined) throw new Unanswered()
  return answer
}
