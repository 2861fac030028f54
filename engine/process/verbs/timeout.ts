import { escalate } from '../escalation.ts'
import type { EventOf } from '../event.ts'
import { rungsOf } from '../ladder.ts'
import { WAIT } from '../nodes/timer.ts'
import { changeEntry, entryOf, findEntry, isActive } from '../path.ts'
import { refuse } from '../result.ts'
import type { OpenTask, PathEntry } from '../state.ts'
import type { Rung } from '../time-limit.ts'
import { leave } from '../tokens/leave.ts'
import { goOn } from '../tokens/walk.ts'
import { nodeOf, type Turn } from '../turn.ts'

/**
 * A timer fired. Each rung fires once. Refused: `approval.timer_stale` when it has fired, or what it was set for is over.
 */
export function timeout(turn: Turn, { taskId, rung }: EventOf<'timeout'>): void {
  const entry = findEntry(turn.state, taskId)
  if (!entry || !isActive(entry) || entry.firedRungs?.includes(rung)) {
    refuse('approval.timer_stale')
  }
  if (rung === WAIT) wake(turn, entry)
  else climb(turn, entry, rung)
}

/** A timer node's wait is over. */
function wake(turn: Turn, entry: PathEntry): void {
  const isStopped = turn.state.incidents.some(({ entryId }) => entryId === entry.entryId)
  if (entry.type !== 'timer' || isStopped) refuse('approval.timer_stale')
  markFired(turn, entry, WAIT)
  goOn(turn, leave(turn, entry.entryId, { outcome: 'done' }))
}

function climb(turn: Turn, entry: PathEntry, rung: string): void {
  const node = nodeOf(turn, entry.nodeId)
  const fired: Rung | undefined = rungsOf(node)[Number(rung)]
  const task: OpenTask | undefined = turn.state.openTasks.find(open => open.taskId === entry.entryId)
  if (!fired || !task) refuse('approval.timer_stale')
  markFired(turn, entryOf(turn.state, entry.entryId), rung)
  escalate(turn, task, fired.action)
}

const markFired = (turn: Turn, { entryId, firedRungs = [] }: PathEntry, rung: string): void => {
  changeEntry(turn, entryId, { firedRungs: [...firedRungs, rung] })
}
