import { changeEntry, entryOf, given, isActive } from '../path.ts'
import type { PathEntry, ProcessState } from '../state.ts'
import { change, type Turn } from '../turn.ts'

/** How an entry is left. */
export interface Leaving {
  outcome: NonNullable<PathEntry['outcome']>
  byId?: string | undefined
  comment?: string | undefined
  via?: string | undefined
  /** For the path, in place of why the case came here. */
  reason?: string | undefined
}

/** A token leaves its node: its task closes, its incident is gone. */
export function leave(turn: Turn, entryId: string, { outcome, ...more }: Leaving): PathEntry {
  const parts = {
    leftAt: turn.now,
    outcome,
    ...given('byId', more.byId),
    ...given('comment', more.comment),
    ...given('via', more.via),
    ...given('reason', more.reason),
  }
  change(turn, {
    openTasks: turn.state.openTasks.filter(({ taskId }) => taskId !== entryId),
    incidents: turn.state.incidents.filter(incident => incident.entryId !== entryId),
  })
  return changeEntry(turn, entryId, parts)
}

/** All that is still open in these branches is void, and the forks within them. */
export function cancelWithin(turn: Turn, forkId: string, leaving: Omit<Leaving, 'outcome'>): void {
  cancel(turn, entry => entry.forks.includes(forkId), { ...leaving, outcome: 'cancelled' })
  const isInside = (id: string) => id === forkId || entryOf(turn.state, id).forks.includes(forkId)
  change(turn, { openForks: turn.state.openForks.filter(fork => !isInside(fork.forkId)) })
}

/** Leaves every node where a token stands. */
export function leaveAll(turn: Turn, leaving: Leaving): void {
  cancel(turn, () => true, leaving)
  change(turn, { openForks: [] })
}

function cancel(turn: Turn, matches: (entry: PathEntry) => boolean, leaving: Leaving): void {
  for (const { entryId } of activeEntries(turn.state).filter(matches)) leave(turn, entryId, leaving)
}

/** Where the tokens stand. */
export const activeEntries = (state: ProcessState): PathEntry[] => state.path.filter(isActive)
