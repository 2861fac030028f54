import { z } from 'zod'
import { type FirstEntry, type FirstState, firstState } from './first-state.ts'
import { given } from './path.ts'
import { type PathEntry, type ProcessState, processState, type Seat, STATE_SCHEMA } from './state.ts'
import { newSeat } from './voting/seats.ts'

/**
 * A case as it was stored, by this version or by the first one, so that it can go on.
 *
 * @throws ZodError when it is neither
 */
export const readState = (stored: unknown): ProcessState =>
  isOfFirstVersion(stored) ? upgraded(firstState.parse(stored)) : processState.parse(stored)

/**
 * Did the first version store it? It knew no time limits, so nothing runs for it yet.
 *
 * @throws ZodError when it is no stored case at all
 */
export const isOfFirstVersion = (stored: unknown): boolean =>
  z.object({ schema: z.unknown().optional() }).parse(stored).schema === undefined

/** The first version knew one token, and nothing of seats: whoever was asked sat there, with one vote for all. */
function upgraded(first: FirstState): ProcessState {
  const { path, openTasks, incident, lastUrgedAt, finishedAt, ...same } = first
  const stopped = incident ? `${first.caseId}-${path.length - 1}` : undefined
  return {
    schema: STATE_SCHEMA,
    ...same,
    choices: {},
    path: path.map((entry, place) => entryOf(first.caseId, entry, place)),
    entered: path.length,
    openTasks: openTasks.map(task => ({ ...task, kind: 'approval' })),
    openForks: [],
    incidents: incident && stopped !== undefined ? [{ entryId: stopped, ...incident }] : [],
    remarks: [],
    copiedIds: [],
    ...given('finishedAt', finishedAt),
    ...given('ending', endingOf(first)),
    ...given('lastUrgedAt', lastUrgedAt),
  }
}

/** The last decision of a person ended the case. */
function endingOf({ path, finishedAt }: FirstState): ProcessState['ending'] {
  const last = finishedAt === undefined ? undefined : path.findLast(({ byId }) => byId !== undefined)
  return last?.byId === undefined ? undefined : { byId: last.byId, ...given('reason', reasonOf(last)) }
}

const reasonOf = ({ outcome, comment }: FirstEntry): string | undefined => (outcome === 'approved' ? undefined : comment)

/** A task's id was made of the case's and the entry's place in the path, as the entry's is now. */
function entryOf(caseId: string, entry: FirstEntry, place: number): PathEntry {
  const { taskId, assigneeIds, transfers, decidedAt, ...same } = entry
  const entryId = taskId ?? `${caseId}-${place}`
  const seats =
    taskId === undefined ? [] : assigneeIds.map((personId, seat) => seatOf(entry, newSeat(entryId, seat, personId, 1)))
  return { entryId, ...same, forks: [], seats, ...given('leftAt', decidedAt) }
}

function seatOf({ transfers, outcome, byId, decidedAt, comment, via }: FirstEntry, seat: Seat): Seat {
  const whole: Seat = { ...seat, status: 'open', transfers: handsOf(transfers, seat.personId) }
  if (byId !== seat.personId || decidedAt === undefined || (outcome !== 'approved' && outcome !== 'rejected')) return whole
  return { ...whole, status: outcome, decidedAt, byId, ...given('comment', comment), ...given('via', via) }
}

/** The transfers by which a seat came to this person, the first one first. */
function handsOf(transfers: FirstEntry['transfers'], personId: string): Seat['transfers'] {
  const hands: Seat['transfers'] = []
  let holder = personId
  for (const transfer of [...transfers].reverse()) {
    if (transfer.toId !== holder) continue
    hands.unshift({ ...transfer, why: 'asked' })
    holder = transfer.fromId
  }
  return hands
}
