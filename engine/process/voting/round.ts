import type { PathEntry, ProcessState } from '../state.ts'

/**
 * The approval by which this person has said yes in this round already, themself or through who stood in. A round begins with the
 * submission, and anew whenever the case is sent back.
 */
export function approvedInRound(state: ProcessState, personId: string): PathEntry | undefined {
  const begin = state.path.findLastIndex(({ returned, outcome }) => returned !== undefined && outcome !== 'cancelled')
  return state.path
    .slice(Math.max(begin, 0))
    .findLast(
      ({ type, outcome, seats }) =>
        type === 'approval' &&
        outcome === 'approved' &&
        seats.some(seat => seat.status === 'approved' && (seat.personId === personId || seat.byId === personId)),
    )
}
