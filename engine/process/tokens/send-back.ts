import { openTask } from '../nodes/manned.ts'
import { addEntry } from '../path.ts'
import type { PathEntry, ProcessState } from '../state.ts'
import { nodeOf, type Turn } from '../turn.ts'
import { cancelWithin } from './leave.ts'
import { freshTrack, scopeOf } from './token.ts'
import { walk } from './walk.ts'

/**
 * Sends the case back from a step that was just left to one behind it, which is entered anew: a new task, new timers, votes from
 * scratch. To the start: its submitter is asked to resubmit.
 *
 * `rerun` goes on from there as usual, so what runs beside it in forks that it leaves is void. `jumpBack` is a detour of this branch
 * alone: the others go on, and when the detour is done the case is straight back.
 */
export function sendBack(
  turn: Turn,
  from: PathEntry,
  target: PathEntry,
  note: Omit<NonNullable<PathEntry['returned']>, 'fromEntryId'>,
): void {
  const { byId, resume } = note
  const left = from.forks[target.forks.length]
  if (resume === 'rerun' && left !== undefined) cancelWithin(turn, left, { byId })
  const node = nodeOf(turn, target.nodeId)
  turn.acts.push({
    type: 'returned',
    fromNodeName: from.name,
    toNodeName: target.name,
    toSubmitter: node.type === 'start',
    byId,
    reason: note.reason,
  })
  const where = {
    ...scopeOf(resume === 'rerun' ? target : from),
    reason: `从「${from.name}」退回`,
    returned: { ...note, fromEntryId: from.entryId },
  }
  if (node.type !== 'start') walk(turn, { nodeId: node.id, ...where, track: freshTrack })
  else openTask(turn, addEntry(turn, node, where), 'resubmit', [turn.state.submitterId])
}

/** The entry of the submission. */
export function submissionOf({ path }: ProcessState): PathEntry {
  const [first] = path
  if (!first) throw new Error('a case without a start')
  return first
}
