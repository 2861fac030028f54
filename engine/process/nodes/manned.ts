import { assign } from '../assign.ts'
import type { MannedNode } from '../definition.ts'
import { emptyFields } from '../form.ts'
import { changeEntry, given, joinReasons } from '../path.ts'
import type { OpenTask, PathEntry, Seat } from '../state.ts'
import { change, type Turn } from '../turn.ts'
import { orderSeats } from '../voting/order.ts'
import { approvedInRound } from '../voting/round.ts'
import { newSeat, weightOf } from '../voting/seats.ts'
import { tally } from '../voting/tally.ts'
import { type Arrival, waits } from './arrival.ts'

/**
 * People are asked.
 *
 * @param people whom an admin names in place of the rules
 */
export function arriveAtManned(turn: Turn, node: MannedNode, entry: PathEntry, people?: readonly string[]): Arrival {
  const missing = emptyFields(turn.state.form, node.inputs)
  // Before the steps in between are done, what they bring out cannot be there.
  if (missing.length > 0 && !turn.rehearsal) {
    const labels = missing.map(field => turn.definition.fields[field]?.label ?? field)
    return { type: 'incident', code: 'missing_input', why: `「${node.name}」需要先填写:${labels.join('、')}` }
  }
  const assignment = people ? { personIds: [...people], notes: ['由管理员指定审批人'] } : assign(node, turn)
  if (!assignment) return waits
  if ('why' in assignment) return { type: 'incident', code: 'no_approver', why: assignment.why }
  const { personIds, notes, passed } = assignment
  if (passed !== undefined) return { type: 'leaves', outcome: 'passed', ...given('reason', joinReasons(entry.reason, passed)) }

  const { seats, approvedAt } = seatsFor(turn, node, entry, personIds)
  if (approvedAt !== undefined && tally(node.mode, seats) === 'approved') {
    changeEntry(turn, entry.entryId, { seats })
    const reason = joinReasons(entry.reason, ...notes, `审批人已在「${approvedAt}」同意,自动通过`)
    return { type: 'leaves', outcome: 'passed', ...given('reason', reason) }
  }
  const note = approvedAt === undefined ? undefined : `已在「${approvedAt}」同意的人不再询问`
  const reason = joinReasons(entry.reason, ...notes, note)
  openTask(turn, changeEntry(turn, entry.entryId, given('reason', reason)), node.type)
  orderSeats(turn, entry.entryId, seats)
  return waits
}

/** A seat for each; taken already by those whose earlier approval counts here too. */
function seatsFor(turn: Turn, node: MannedNode, entry: PathEntry, personIds: readonly string[]) {
  const isCounted =
    node.type === 'approval' && node.whenRepeated === 'pass' && emptyFields(turn.state.form, node.outputs).length === 0
  let approvedAt: string | undefined
  const seats = personIds.map((personId, place): Seat => {
    const seat = newSeat(entry.entryId, place, personId, weightOf(node.mode, personId))
    const earlier = isCounted ? approvedInRound(turn.state, personId) : undefined
    if (!earlier) return seat
    approvedAt ??= earlier.name
    return { ...seat, status: 'approved', decidedAt: turn.now, byId: personId }
  })
  return { seats, approvedAt }
}

/** A place where people are asked from now on. */
export function openTask(turn: Turn, entry: PathEntry, kind: OpenTask['kind'], assigneeIds: string[] = []): void {
  const { entryId: taskId, nodeId, name, reason } = entry
  const task: OpenTask = { taskId, nodeId, name, kind, assigneeIds, ...given('reason', reason), openedAt: turn.now }
  change(turn, { openTasks: [...turn.state.openTasks, task] })
}
