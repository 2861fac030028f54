import { isManned } from './definition.ts'
import { entryOf } from './path.ts'
import { superiorOf } from './people.ts'
import type { OpenTask, Seat } from './state.ts'
import type { Rung } from './time-limit.ts'
import { answered, nodeOf, type Turn } from './turn.ts'
import { moveSeats } from './voting/move.ts'
import { isUndecided } from './voting/seats.ts'

/** What a rung of the ladder does at a task that takes long. */
export function escalate(turn: Turn, task: OpenTask, action: Rung['action']): void {
  switch (action) {
    case 'warn':
    case 'remind':
      remind(turn, task, action, task.assigneeIds)
      return
    case 'superior': {
      const superiors = superiorsOf(turn, openSeats(turn, task))
      remind(turn, task, 'superior', superiors.length > 0 ? superiors : adminsOf(turn))
      return
    }
    case 'transfer':
      transferUp(turn, task)
      return
    case 'admin':
      remind(turn, task, 'admin', adminsOf(turn))
      return
  }
}

/**
 * Each open seat goes to its person's superior. One whose superior is nobody, the submitter, or seated here already stays where it is,
 * and the admins hear of it.
 */
function transferUp(turn: Turn, task: OpenTask): void {
  let isStuck = false
  const seats = openSeats(turn, task)
  superiorsOf(turn, seats)
  for (const seat of seats) {
    const [toId] = answered(superiorOf(seat.personId, turn))
    const { seats: now } = entryOf(turn.state, task.taskId)
    const isSeated = now.some(other => isUndecided(other) && other.personId === toId)
    if (toId === undefined || toId === turn.state.submitterId || isSeated) isStuck = true
    else
      moveSeats(
        turn,
        task,
        now.filter(({ seatId }) => seatId === seat.seatId),
        toId,
        { why: 'overdue' },
      )
  }
  if (isStuck) remind(turn, task, 'admin', adminsOf(turn))
}

const openSeats = (turn: Turn, { taskId }: OpenTask): Seat[] =>
  entryOf(turn.state, taskId).seats.filter(({ status }) => status === 'open')

/** All of them are looked up at once. */
function superiorsOf(turn: Turn, seats: readonly Seat[]): string[] {
  const answers = seats.map(({ personId }) => superiorOf(personId, turn))
  return [...new Set(answers.flatMap(answer => answered(answer)))]
}

const adminsOf = (turn: Turn): readonly string[] => answered(turn.lookups.ask({ type: 'admins' }))

type Reminding = Exclude<Rung['action'], 'transfer'>

function remind(turn: Turn, { taskId, nodeId, name: nodeName }: OpenTask, action: Reminding, personIds: readonly string[]): void {
  if (personIds.length === 0) return
  const node = nodeOf(turn, nodeId)
  const limitWorkingSeconds = (isManned(node) && node.timeLimit?.workingSeconds) || 0
  const lateIds = turn.state.openTasks.find(task => task.taskId === taskId)?.assigneeIds ?? []
  turn.acts.push({ type: 'reminded', taskId, nodeName, action, personIds: [...personIds], lateIds, limitWorkingSeconds })
}
