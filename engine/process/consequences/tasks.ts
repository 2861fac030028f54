import type { EffectBody } from '../effect.ts'
import { entryOf, given } from '../path.ts'
import type { OpenTask, ProcessState } from '../state.ts'

/** Tasks that are over: the node is left, its people are released. */
export const tasksClosed = (before: ProcessState, after: ProcessState): EffectBody[] =>
  before.openTasks
    .filter(({ taskId }) => !taskIn(after, taskId))
    .flatMap(({ taskId, nodeId, name: nodeName, assigneeIds }): EffectBody[] => {
      const { outcome = 'cancelled', byId, comment } = entryOf(after, taskId)
      return [
        { type: 'nodeLeft', taskId, nodeId, nodeName, outcome, ...given('byId', byId), ...given('comment', comment) },
        ...assigneeIds.map((personId): EffectBody => ({ type: 'released', taskId, personId })),
      ]
    })

/** People who need not act any more at tasks that stay open. */
export const peopleReleased = (before: ProcessState, after: ProcessState): EffectBody[] =>
  before.openTasks.flatMap(({ taskId, assigneeIds }) => {
    const now = taskIn(after, taskId)
    const released = now ? assigneeIds.filter(id => !now.assigneeIds.includes(id)) : []
    return released.map((personId): EffectBody => ({ type: 'released', taskId, personId }))
  })

/** People who are asked now and were not before. */
export const peopleAsked = (before: ProcessState | null, after: ProcessState): EffectBody[] =>
  after.openTasks.flatMap(task => {
    const were = (before && taskIn(before, task.taskId)?.assigneeIds) ?? []
    return task.assigneeIds.filter(id => !were.includes(id)).map(personId => asked(after, task, personId))
  })

function asked(state: ProcessState, task: OpenTask, personId: string): EffectBody {
  const { taskId, nodeId, name: nodeName, kind, reason } = task
  const seats = entryOf(state, taskId).seats.filter(({ status }) => status === 'open')
  const isOwn = seats.some(seat => seat.personId === personId)
  const absent = isOwn ? undefined : seats.find(seat => seat.delegateId === personId)?.personId
  return {
    type: 'asked',
    taskId,
    nodeId,
    nodeName,
    kind,
    personId,
    ...given('reason', reason),
    ...given('onBehalfOfId', absent),
  }
}

const taskIn = ({ openTasks }: ProcessState, taskId: string): OpenTask | undefined =>
  openTasks.find(task => task.taskId === taskId)
