import type { BranchView, PathStep, SeatView } from '../../../common/contract/approvals.ts'
import {
  exitsOf,
  findNode,
  isManned,
  type PathEntry,
  type ProcessDefinition,
  type ProcessState,
  type Seat,
} from '../../../engine/process/index.ts'
import type { Calendars } from '../../calendar/index.ts'
import { PLATFORM_NAMES } from '../../kernel/services.ts'
import type { Organisation } from '../../people/organisation.ts'
import { deadlineOf } from '../deadlines.ts'
import { tallyOf } from '../tally.ts'
import { PATH_WORDS, PLACEMENT_WORDS, TRANSFER_WORDS } from '../words.ts'

/** Gateways and ends are ways, not steps that people read about. */
const UNSEEN = new Set<PathEntry['type']>(['exclusive', 'inclusive', 'parallel', 'join', 'end'])

interface Reading {
  calendars: Calendars
  definition: ProcessDefinition
  state: ProcessState
  organisation: Organisation
  /** Milliseconds. */
  now: number
}

/** Every step that the case has come to, in order, with the branch it lies in. */
export const pathSteps = (reading: Reading): PathStep[] =>
  reading.state.path.flatMap(entry => (UNSEEN.has(entry.type) ? [] : [pathStep(entry, reading)]))

function pathStep(entry: PathEntry, reading: Reading): PathStep {
  const { definition, state, organisation, now } = reading
  const isStuck = state.incidents.some(incident => incident.entryId === entry.entryId)
  const isOver = entry.leftAt !== undefined
  const outcome = entry.outcome && (entry.type === 'cc' ? '已抄送' : PATH_WORDS[entry.outcome])
  const node = findNode(definition, entry.nodeId)
  const deadline = deadlineOf(entry, reading)
  const tally = isManned(node) ? tallyOf(entry, node) : undefined
  const seats = inTree(entry.seats).map(({ seat, depth }) => seatView(seat, depth, entry, organisation))
  const transfers = entry.seats.flatMap(seat => seat.transfers).sort((a, b) => a.at - b.at)
  return {
    id: entry.entryId,
    kind: entry.type as PathStep['kind'],
    name: entry.name,
    state: isOver ? 'done' : isStuck ? 'stuck' : 'now',
    people: peopleOf(entry, state).map(id => organisation.ref(id)),
    ...(seats.length > 1 && { seats }),
    ...(tally && { tally }),
    ...(outcome && { outcome }),
    ...reasonOf(entry, organisation),
    ...(entry.comment && { comment: entry.comment }),
    enteredAt: entry.enteredAt,
    ...(entry.leftAt !== undefined && { leftAt: entry.leftAt }),
    ...(entry.seats.length > 0 && { waitedMs: (entry.leftAt ?? now) - entry.enteredAt }),
    ...(deadline && { deadline }),
    ...(entry.via && { via: PLATFORM_NAMES[entry.via] ?? entry.via }),
    transfers: transfers.map(({ fromId, toId, at, why }) => ({
      from: organisation.ref(fromId),
      to: organisation.ref(toId),
      at,
      why: TRANSFER_WORDS[why],
    })),
    branches: branchesOf(entry, reading),
    ...(entry.childCaseId && { childCaseId: entry.childCaseId }),
  }
}

/** Who decided; else who may now; at a start who submitted, at a cc who was told. */
function peopleOf(entry: PathEntry, state: ProcessState): string[] {
  if (entry.type === 'cc') return entry.copiedIds ?? []
  if (entry.type === 'start') return [state.submitterId]
  const open = state.openTasks.find(task => task.taskId === entry.entryId)
  if (open) return open.assigneeIds
  const voted = entry.seats.flatMap(seat => (seat.decidedAt === undefined ? [] : (seat.byId ?? [])))
  return voted.length > 0 ? [...new Set(voted)] : entry.byId ? [entry.byId] : entry.seats.map(seat => seat.personId)
}

/** Who sent it back here and with which words; else why the case came here. */
function reasonOf({ reason, returned }: PathEntry, organisation: Organisation): Pick<PathStep, 'reason'> {
  const words = returned ? `${organisation.name(returned.byId)} ${reason ?? '退回'}:${returned.reason}` : reason
  return words ? { reason: words } : {}
}

/** Seats with those added to them right behind, and how deep they hang. */
function inTree(seats: readonly Seat[], above?: string, depth = 0): { seat: Seat; depth: number }[] {
  return seats
    .filter(({ addedTo }) => addedTo?.seatId === above)
    .flatMap(seat => [{ seat, depth }, ...inTree(seats, seat.seatId, depth + 1)])
}

function seatView(seat: Seat, depth: number, entry: PathEntry, organisation: Organisation): SeatView {
  const standIn = seat.byId && seat.byId !== seat.personId ? seat.byId : seat.delegateId
  return {
    person: organisation.ref(seat.personId),
    ...(standIn && { delegate: organisation.ref(standIn) }),
    state: seatState(seat, entry),
    depth,
    ...(seat.addedTo && {
      added: { how: PLACEMENT_WORDS[seat.addedTo.placement] ?? '加签', by: organisation.ref(seat.addedTo.byId) },
    }),
    ...(seat.decidedAt !== undefined && { decidedAt: seat.decidedAt }),
    ...(seat.comment && { comment: seat.comment }),
    ...(seat.via && { via: PLATFORM_NAMES[seat.via] ?? seat.via }),
  }
}

function seatState(seat: Seat, entry: PathEntry): SeatView['state'] {
  switch (seat.status) {
    case 'approved':
      return entry.type === 'handle' ? '完成' : '同意'
    case 'rejected':
      return '拒绝'
    case 'removed':
      return '已减签'
    case 'waiting':
      return entry.leftAt === undefined ? '未轮到' : '未处理'
    case 'open':
      return entry.leftAt === undefined ? '待处理' : '未处理'
  }
}

/** The branches that an entry lies in, outermost first: each fork, and the way taken there. */
export function branchesOf(entry: PathEntry, { definition, state }: Pick<Reading, 'definition' | 'state'>): BranchView[] {
  return entry.forks.map((forkId, depth) => {
    const inner = entry.forks[depth + 1]
    const marked = inner === undefined ? entry : state.path.find(candidate => candidate.entryId === inner)
    const fork = state.path.find(candidate => candidate.entryId === forkId)
    return { group: forkId, name: branchName(definition, fork?.nodeId ?? '', marked?.branch ?? 0) }
  })
}

/** The word on a branch of a fork: its label, else the step it leads to. */
export function branchName(definition: ProcessDefinition, forkNodeId: string, index: number): string {
  const fork = findNode(definition, forkNodeId)
  if (fork?.type !== 'parallel' && fork?.type !== 'inclusive') return ''
  const label = fork.branches[index]?.label
  const next = exitsOf(fork)[index]?.next
  return label ?? (next ? (findNode(definition, next)?.name ?? '') : '')
}
