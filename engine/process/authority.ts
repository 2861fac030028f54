import { isManned, type MannedNode, type Operation } from './definition.ts'
import { entryOf, findEntry, given, isActive } from './path.ts'
import { type RefusalDetails, refuse } from './result.ts'
import { isFinished, type OpenTask, type PathEntry, type ProcessState } from './state.ts'
import { answered, nodeOf, type Turn } from './turn.ts'
import { everSeated, isUndecided, openSeatsOf, speaksFor } from './voting/seats.ts'

/**
 * The open task at which this person may act now; without a `taskId` the first such.
 *
 * Refused: `approval.unknown_task`; `approval.not_assignee`; `approval.not_your_turn`; `approval.already_voted` at a task that is
 * still open; `approval.already_decided` with the committed outcome, which only those who took part are told; `approval.incident`
 * for the submitter while the case stands still.
 */
export function taskOf({ state }: Turn, event: { by: string; taskId?: string | undefined }): OpenTask {
  if (event.taskId !== undefined) return namedTask(state, event.by, event.taskId)
  const mine = state.openTasks.find(({ taskId }) => openSeatsOf(entryOf(state, taskId).seats, event.by).length > 0)
  if (mine) return mine
  for (const { taskId } of state.openTasks) refuseVoted(entryOf(state, taskId), event.by)
  const decided = state.path.findLast(entry => isTask(entry) && !isActive(entry) && tookPart(state, entry, event.by))
  if (decided) return isFinished(state) ? caseDecided(state) : stepDecided(decided)
  const [incident] = state.incidents
  if (incident && event.by === state.submitterId) refuse('approval.incident', { why: incident.why })
  return refuse('approval.not_assignee')
}

function namedTask(state: ProcessState, by: string, taskId: string): OpenTask {
  const entry = findEntry(state, taskId)
  const open = state.openTasks.find(task => task.taskId === taskId)
  if (!entry || !(open || isTask(entry))) return refuse('approval.unknown_task')
  if (!open) return tookPart(state, entry, by) ? stepDecided(entry) : refuse('approval.not_assignee')
  if (openSeatsOf(entry.seats, by).length === 0) {
    refuseVoted(entry, by)
    refuse('approval.not_assignee')
  }
  return open
}

/** Somebody whose vote is cast, or whose turn has not come. */
function refuseVoted({ seats, name }: PathEntry, by: string): void {
  const mine = seats.filter(seat => speaksFor(by, seat) || seat.byId === by)
  const voted = mine.find(seat => seat.byId === by && (seat.status === 'approved' || seat.status === 'rejected'))
  if (voted) refuse('approval.already_voted', { outcome: voted.status, ...given('at', voted.decidedAt), nodeName: name })
  if (mine.some(seat => isUndecided(seat))) refuse('approval.not_your_turn', { nodeName: name })
}

const isTask = ({ type, seats }: PathEntry): boolean => (type === 'approval' || type === 'handle') && seats.length > 0

const tookPart = (state: ProcessState, { seats }: PathEntry, personId: string): boolean =>
  state.submitterId === personId || everSeated(seats).includes(personId)

const told = (outcome: string | undefined, at: number | undefined, entry: PathEntry | undefined): RefusalDetails => ({
  ...given('outcome', outcome),
  ...given('byId', entry?.byId),
  ...given('at', at),
  ...given('nodeName', entry?.name),
})

/** Refuses with what has been committed at a step: `{ outcome, byId, at, nodeName }`. */
export const stepDecided = (entry: PathEntry): never =>
  refuse('approval.already_decided', told(entry.outcome, entry.leftAt, entry))

/** Refuses with how the case ended: `{ outcome, byId, at, nodeName }`. */
export function caseDecided(state: ProcessState): never {
  const { status, finishedAt, ending, path } = state
  const last = path.findLast(
    ({ byId, leftAt, outcome }) => byId === ending?.byId && leftAt === finishedAt && outcome !== 'cancelled',
  )
  return refuse('approval.already_decided', { ...told(status, finishedAt, last), ...given('byId', ending?.byId) })
}

/** Refused: `approval.already_decided` once nothing can happen to the case any more. */
export function checkRunning({ state }: Turn): void {
  if (isFinished(state)) caseDecided(state)
}

/** Refused: `approval.not_admin`. */
export function checkAdmin(turn: Turn, personId: string): void {
  if (!answered(turn.lookups.ask({ type: 'admins' })).includes(personId)) refuse('approval.not_admin')
}

/** Admins do not move their own cases. Refused: `approval.own_case`. */
export function checkNotOwn({ state }: Turn, personId: string): void {
  if (personId === state.submitterId) refuse('approval.own_case')
}

/** The node of an open task where people decide. Refused: `approval.operation_not_allowed` for a case sent back to its submitter. */
export function mannedNodeOf(turn: Turn, { nodeId }: { nodeId: string }): MannedNode {
  const node = nodeOf(turn, nodeId)
  return isManned(node) ? node : refuse('approval.operation_not_allowed')
}

/** Refused: `approval.operation_not_allowed` when the node does not let its people do this. */
export function checkOperation(node: MannedNode, operation: Operation): void {
  if (node.operations && !node.operations.includes(operation)) refuse('approval.operation_not_allowed', { operation })
}

/** Where a token stands, by its id. Refused: `approval.unknown_task`, `approval.already_decided`. */
export function standingAt({ state }: Turn, entryId: string): PathEntry {
  const entry = findEntry(state, entryId) ?? refuse('approval.unknown_task')
  return isActive(entry) ? entry : stepDecided(entry)
}

/** Does this person take part in the case: submitted it, was asked or stood in at some step, or was told? */
export const takesPart = ({ submitterId, copiedIds, path }: ProcessState, personId: string): boolean =>
  submitterId === personId ||
  copiedIds.includes(personId) ||
  path.some(({ seats, copiedIds: told = [] }) => told.includes(personId) || everSeated(seats).includes(personId))
