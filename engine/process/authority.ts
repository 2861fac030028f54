import { given } from './path.ts'
import { type RefusalDetails, type Refused, refused } from './result.ts'
import { isFinished, type OpenTask, type PathEntry, type ProcessState } from './state.ts'

/**
 * The open task that this person may decide.
 *
 * Refused: `approval.unknown_task`; `approval.not_assignee`; `approval.already_decided` with the committed outcome, which only those
 * who took part are told; `approval.incident` while the case stands still.
 */
export function taskOf(state: ProcessState, event: { by: string; taskId?: string | undefined }): OpenTask | Refused {
  if (event.taskId !== undefined) return namedTask(state, event.by, event.taskId)
  const mine = state.openTasks.find(task => task.assigneeIds.includes(event.by))
  if (mine) return mine
  const decided = state.path.findLast(
    entry => entry.taskId !== undefined && entry.outcome !== undefined && tookPart(state, entry, event.by),
  )
  if (decided) return alreadyDecided(isFinished(state) ? lastDecision(state) : decided)
  if (state.incident && event.by === state.submitterId) return refused('approval.incident', { why: state.incident.why })
  return refused('approval.not_assignee')
}

function namedTask(state: ProcessState, by: string, taskId: string): OpenTask | Refused {
  const open = state.openTasks.find(task => task.taskId === taskId)
  if (open) return open.assigneeIds.includes(by) ? open : refused('approval.not_assignee')
  const entry = state.path.find(candidate => candidate.taskId === taskId)
  if (!entry) return refused('approval.unknown_task')
  return tookPart(state, entry, by) ? alreadyDecided(entry) : refused('approval.not_assignee')
}

const tookPart = (state: ProcessState, entry: PathEntry, personId: string): boolean =>
  state.submitterId === personId ||
  entry.assigneeIds.includes(personId) ||
  entry.transfers.some(({ fromId }) => fromId === personId)

/** The refusal that carries what has been committed: `{ outcome, byId, at, nodeName }`. */
export function alreadyDecided(entry: PathEntry | undefined): Refused {
  const details: RefusalDetails = {
    ...given('outcome', entry?.outcome),
    ...given('byId', entry?.byId),
    ...given('at', entry?.decidedAt),
    ...given('nodeName', entry?.name),
  }
  return refused('approval.already_decided', details)
}

/** The decision of a person that came last: for a finished case the one that ended it. */
export const lastDecision = (state: ProcessState): PathEntry | undefined =>
  state.path.findLast(entry => entry.outcome !== undefined && entry.byId !== undefined)
