import {
  isFinished,
  type PathEntry,
  type ProcessDefinition,
  type ProcessState,
  type Seat,
} from '../../../engine/process/index.ts'
import { type CaseDoc, HEAD_SHAPE } from '../../../models/approvals/index.ts'
import type { CaseFacts } from '../../kernel/case-subject.ts'
import { isEverHidden } from '../visible-fields.ts'

const unique = (ids: readonly (string | undefined)[]): string[] => [...new Set(ids.flatMap(id => id ?? []))]

const seatPeople = (seat: Seat): (string | undefined)[] => [
  seat.personId,
  seat.delegateId,
  seat.byId,
  seat.addedTo?.byId,
  ...seat.transfers.flatMap(({ fromId, toId }) => [fromId, toId]),
]

const entryPeople = (entry: PathEntry): (string | undefined)[] => [
  entry.byId,
  ...entry.seats.flatMap(seatPeople),
  ...(entry.copiedIds ?? []),
]

/** Everybody who has or had a part in the case: submitted, was asked, decided, was told, spoke or was spoken to. */
export const participantsOf = (state: ProcessState): string[] =>
  unique([
    state.submitterId,
    ...state.path.flatMap(entryPeople),
    ...state.copiedIds,
    ...state.remarks.flatMap(remark => [remark.byId, ...remark.mentionIds]),
  ])

/** Told by a node or by somebody. */
export const copiedOf = (state: ProcessState): string[] =>
  unique([...state.path.flatMap(entry => entry.copiedIds ?? []), ...state.copiedIds])

/** Who is asked now, and who will be when their turn comes at a node where the case is. */
function seatedOf(state: ProcessState): string[] {
  const seats = state.path.filter(entry => entry.leftAt === undefined).flatMap(entry => entry.seats)
  const pending = seats.filter(seat => seat.status === 'open' || seat.status === 'waiting')
  return unique([...pending.flatMap(seat => [seat.personId, seat.delegateId]), ...waitingOf(state)])
}

const waitingOf = (state: ProcessState): string[] => unique(state.openTasks.flatMap(task => task.assigneeIds))

/** What the case waits for, in words: the steps that ask people, else the parts and waits it has come to. */
function placesOf({ openTasks, path }: ProcessState): string[] {
  const asking = openTasks.map(task => (task.kind === 'resubmit' ? '退回修改' : task.name))
  const waits = path.filter(({ type, leftAt }) => leftAt === undefined && WAITS.has(type)).map(({ name }) => name)
  return unique(asking.length > 0 ? asking : waits)
}

const WAITS: ReadonlySet<PathEntry['type']> = new Set(['subProcess', 'timer', 'service'])

/** The head of a case as its latest state has it. */
export function headOf(
  definition: ProcessDefinition,
  state: ProcessState,
  facts: CaseFacts,
  updatedAt: Date,
): CaseDoc<ProcessState> {
  const { keyFact } = facts
  const finished = isFinished(state)
  const nodeName = placesOf(state).join('、')
  const stuckSince = Math.min(...state.incidents.map(incident => incident.since))
  return {
    _id: state.caseId,
    shape: HEAD_SHAPE,
    number: facts.number,
    kind: facts.kind,
    title: facts.title,
    ...(facts.customerId && { customerId: facts.customerId }),
    ...(keyFact && !isEverHidden(definition, keyFact.field) && { keyFact: keyFact.value }),
    subject: facts.record,
    processKey: state.definition.key,
    processVersion: state.definition.version,
    status: state.status,
    open: !finished,
    revision: state.revision,
    state,
    submitterId: state.submitterId,
    submittedAt: new Date(state.submittedAt),
    waitingIds: waitingOf(state),
    seatedIds: finished ? [] : seatedOf(state),
    decidedByIds: unique(
      state.path.flatMap(entry => entry.seats.map(seat => (seat.decidedAt === undefined ? undefined : seat.byId))),
    ),
    copiedIds: copiedOf(state),
    participantIds: participantsOf(state),
    ...(nodeName && { nodeName }),
    ...(Number.isFinite(stuckSince) && { stuckSince: new Date(stuckSince) }),
    ...(state.finishedAt !== undefined && { finishedAt: new Date(state.finishedAt) }),
    updatedAt,
  }
}
