import type { EventOf } from '../event.ts'
import { findEntry, isActive } from '../path.ts'
import { refuse } from '../result.ts'
import type { PathEntry, ProcessState } from '../state.ts'
import { answered, change, type Turn } from '../turn.ts'

/**
 * 撤销: a person takes back their own last decision while nobody has acted on it. The tokens, seats, forks, choices and the form are
 * as they were before; what the decision opened stays in the path, cancelled. Words, copies and the cool-down of urging stay. Refused:
 * `approval.nothing_to_retract`; `approval.retract_too_late` when somebody acted since, the case is over, or a command or another case
 * was begun or called off.
 */
export function retract(turn: Turn, event: EventOf<'retract'>): void {
  const { state } = turn
  const { retractable } = state
  if (!state.path.some(entry => hasDecided(entry, event.by))) refuse('approval.nothing_to_retract')
  if (state.finishedAt !== undefined || retractable?.byId !== event.by) refuse('approval.retract_too_late')
  const before = answered(turn.lookups.stateAt(retractable.revision - 1))
  const opened = state.path.slice(before.path.length)
  if (opened.some(isWork) || before.path.some(entry => isWork(entry) && isActive(entry) && isOver(state, entry))) {
    refuse('approval.retract_too_late')
  }
  const nodeName = before.openTasks.find(task => decidedAt(before, state, task.taskId, event.by))?.name
  turn.acts.push({ type: 'retracted', nodeName: nodeName ?? '', byId: event.by })
  const { path, openTasks, openForks, incidents, form, choices } = before
  const undone = opened.map(
    ({ leftAt = turn.now, ...entry }): PathEntry => ({
      ...entry,
      leftAt,
      outcome: 'cancelled',
      byId: event.by,
    }),
  )
  change(turn, { path: [...path, ...undone], openTasks, openForks, incidents, form, choices })
}

/** Has this person decided anything here: voted, or sent the case back? */
const hasDecided = ({ seats, byId, outcome }: PathEntry, personId: string): boolean =>
  seats.some(seat => seat.byId === personId) || (byId === personId && outcome === 'returned')

/** The step at which the decision was made: where the two states differ by this person's act. */
function decidedAt(before: ProcessState, after: ProcessState, entryId: string, personId: string): boolean {
  const [was, is] = [findEntry(before, entryId), findEntry(after, entryId)]
  if (!was || !is) return false
  const votes = (entry: PathEntry) => entry.seats.filter(seat => seat.byId === personId).length
  return votes(is) > votes(was) || (is.outcome === 'returned' && is.byId === personId)
}

const isWork = ({ type }: PathEntry): boolean => type === 'service' || type === 'subProcess'

const isOver = (state: ProcessState, { entryId }: PathEntry): boolean => {
  const now = findEntry(state, entryId)
  return !now || !isActive(now)
}
