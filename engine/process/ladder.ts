import { findNode, isManned, type ProcessDefinition, type ProcessNode } from './definition.ts'
import type { EffectBody } from './effect.ts'
import { WAIT, waitOf } from './nodes/timer.ts'
import { findEntry } from './path.ts'
import type { OpenTask, PathEntry, ProcessState } from './state.ts'
import { DEFAULT_LADDER, type Rung } from './time-limit.ts'

type TimerSet = Extract<EffectBody, { type: 'timerSet' }>

/** What happens when people at this node take long. Nothing without a time limit. */
export function rungsOf(node: ProcessNode | undefined): readonly Rung[] {
  if (!node || !isManned(node) || !node.timeLimit) return []
  return node.timeLimit.ladder ?? DEFAULT_LADDER
}

/**
 * The timers of an open task that have not fired, counted from its opening. A rung at or after the limit fires one second later than
 * its moment: 60:00 is in time, 60:01 is late.
 */
function timersOfTask(
  { taskId, openedAt: anchorAt }: OpenTask,
  node: ProcessNode | undefined,
  fired: readonly string[],
): TimerSet[] {
  const limit = (node && isManned(node) && node.timeLimit?.workingSeconds) || 0
  return rungsOf(node).flatMap(({ afterPercent }, place): TimerSet[] => {
    const rung = String(place)
    if (fired.includes(rung)) return []
    const workingSeconds = Math.ceil((limit * afterPercent) / 100) + (afterPercent >= 100 ? 1 : 0)
    return [{ type: 'timerSet', timerId: `${taskId}:${rung}`, taskId, rung, anchorAt, workingSeconds }]
  })
}

function timersOfWait(definition: ProcessDefinition, state: ProcessState, entry: PathEntry): TimerSet[] {
  const node = findNode(definition, entry.nodeId)
  const wait = node?.type === 'timer' ? waitOf(node, state.form, entry) : undefined
  if (!wait || entry.firedRungs?.includes(WAIT)) return []
  return [{ type: 'timerSet', timerId: `${entry.entryId}:${WAIT}`, taskId: entry.entryId, rung: WAIT, ...wait }]
}

/** Every timer that runs for the case now, as the effect that sets it. */
export function runningTimers(definition: ProcessDefinition, state: ProcessState): TimerSet[] {
  const stopped = new Set(state.incidents.map(({ entryId }) => entryId))
  const waiting = state.path.filter(
    ({ type, leftAt, entryId }) => type === 'timer' && leftAt === undefined && !stopped.has(entryId),
  )
  return [
    ...state.openTasks.flatMap(task => {
      const fired = findEntry(state, task.taskId)?.firedRungs ?? []
      return timersOfTask(task, findNode(definition, task.nodeId), fired)
    }),
    ...waiting.flatMap(entry => timersOfWait(definition, state, entry)),
  ]
}
