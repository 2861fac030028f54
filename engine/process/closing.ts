import type { EffectBody, Outcome } from './effect.ts'
import { changeEntries, given } from './path.ts'
import type { OpenTask, ProcessState } from './state.ts'

/** A person's last word on a node. */
export interface Decision {
  outcome: Outcome
  byId: string
  at: number
  comment?: string | undefined
  via?: string | undefined
}

/** The case without these open tasks, the decision written into their path entries, and the effects that say so. */
export function closeTasks(
  state: ProcessState,
  tasks: readonly OpenTask[],
  decision: Decision,
): { state: ProcessState; effects: EffectBody[] } {
  const closed = new Set(tasks.map(({ taskId }) => taskId))
  const { outcome, byId, at } = decision
  return {
    state: {
      ...state,
      path: changeEntries(
        state.path,
        entry => entry.taskId !== undefined && closed.has(entry.taskId),
        () => decided(decision),
      ),
      openTasks: state.openTasks.filter(({ taskId }) => !closed.has(taskId)),
    },
    effects: tasks.map(({ taskId, name, assigneeIds }) => ({
      type: 'taskClosed',
      taskId,
      nodeName: name,
      assigneeIds,
      outcome,
      byId,
      at,
    })),
  }
}

/** A decision as a path entry keeps it. */
export const decided = ({ outcome, byId, at, comment, via }: Decision) => ({
  decidedAt: at,
  outcome,
  byId,
  ...given('comment', comment),
  ...given('via', via),
})
