import { taskOf } from '../authority.ts'
import type { EventOf } from '../event.ts'
import { changeEntries, given } from '../path.ts'
import { refused } from '../result.ts'
import type { ProcessState } from '../state.ts'
import { draft, type Turn, type VerbResult } from '../turn.ts'
import { comment } from '../words.ts'

/** 转交: `to` takes the place of `by` among those who may decide; the others stay. */
export function transfer(state: ProcessState, event: EventOf<'transfer'>, turn: Turn): VerbResult {
  const task = taskOf(state, event)
  if ('kind' in task) return task
  const { by: fromId, to: toId } = event
  if (toId === fromId) return refused('approval.transfer_to_self')
  if (toId === state.submitterId) return refused('approval.transfer_to_submitter')
  if (task.assigneeIds.includes(toId)) return refused('approval.transfer_to_assignee')
  const words = comment(event.comment)
  if ('kind' in words) return words

  const assigneeIds = task.assigneeIds.map(id => (id === fromId ? toId : id))
  const handOff = { fromId, toId, at: turn.now, ...given('comment', words.text), ...given('via', event.via) }
  const next: ProcessState = {
    ...state,
    path: changeEntries(
      state.path,
      entry => entry.taskId === task.taskId,
      entry => ({ assigneeIds, transfers: [...entry.transfers, handOff] }),
    ),
    openTasks: state.openTasks.map(open => (open.taskId === task.taskId ? { ...open, assigneeIds } : open)),
  }
  return draft(next, [
    {
      type: 'taskTransferred',
      taskId: task.taskId,
      nodeName: task.name,
      fromId,
      toId,
      assigneeIds,
      ...given('comment', words.text),
    },
  ])
}
