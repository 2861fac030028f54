import { type Condition, evaluate, explain } from '../../condition/index.ts'
import { findNode } from '../definition.ts'
import type { Turn } from '../turn.ts'

export interface Conditional {
  when: Condition
  next: string
  label?: string | undefined
}

/** `sentence` tells why a branch holds, and where it leads; for an undecidable one what is lacking. */
export type BranchVerdict = { type: 'holds'; sentence: string } | { type: 'fails' } | { type: 'undecidable'; why: string }

/** Does a branch of this gateway hold? The condition reads the form; `me` is the submitter. */
export function judge({ when, next, label }: Conditional, turn: Turn): BranchVerdict {
  const { form, submitterId } = turn.state
  const env = { me: submitterId, now: turn.now }
  const verdict = evaluate(when, form, env)
  if (verdict === false) return { type: 'fails' }
  const sentence = explain(when, form, turn.definition.fields, env)
  return verdict === true
    ? { type: 'holds', sentence: `${sentence} → ${label ?? nameOf(turn, next)}` }
    : { type: 'undecidable', why: sentence }
}

/** For the branch that is taken when no other is. */
export const otherwiseReason = (turn: Turn, next: string): string => `其他情况 → ${nameOf(turn, next)}`

const nameOf = (turn: Turn, nodeId: string): string => findNode(turn.definition, nodeId)?.name ?? nodeId
