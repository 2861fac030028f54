import type { Outcome } from './effect.ts'
import { given } from './path.ts'
import type { ProcessState } from './state.ts'
import { leaveAll } from './tokens/leave.ts'
import { change, type Turn } from './turn.ts'

/** Who ends a case, and why. */
export interface Finishing {
  byId: string
  reason?: string | undefined
  via?: string | undefined
}

/** Ends the case. Whatever is still open is void: withdrawn with the case, else cancelled. */
export function finish(turn: Turn, outcome: Outcome, { byId, reason, via }: Finishing): void {
  const open = outcome === 'withdrawn' ? 'withdrawn' : 'cancelled'
  leaveAll(turn, { outcome: open, byId, via, ...(outcome === 'withdrawn' && { comment: reason }) })
  const ending = { byId, ...given('reason', reason) }
  change(turn, { status: outcome, finishedAt: turn.now, ending })
}

/** Whose act came last; where nobody acted (a timer fired) the case goes on in their name. */
export const lastActor = (state: ProcessState): string =>
  state.path.reduce<{ at: number; byId: string }>(
    (last, { byId, leftAt, outcome }) =>
      byId !== undefined && leftAt !== undefined && leftAt >= last.at && outcome !== 'cancelled' ? { at: leftAt, byId } : last,
    { at: state.submittedAt, byId: state.submitterId },
  ).byId
