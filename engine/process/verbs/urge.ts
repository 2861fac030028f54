import { checkRunning } from '../authority.ts'
import { type EventOf, URGE_COOL_DOWN_MS } from '../event.ts'
import { refuse } from '../result.ts'
import { change, type Turn } from '../turn.ts'

/** 催办: the submitter reminds those who are asked, at most once in 30 minutes per case. */
export function urge(turn: Turn, event: EventOf<'urge'>): void {
  const { submitterId, incidents, openTasks, lastUrgedAt } = turn.state
  if (event.by !== submitterId) refuse('approval.not_submitter')
  checkRunning(turn)
  const tasks = openTasks.filter(({ kind }) => kind !== 'resubmit')
  if (tasks.length === 0) {
    const [incident] = incidents
    refuse(incident ? 'approval.incident' : 'approval.nobody_to_urge', incident ? { why: incident.why } : {})
  }
  if (lastUrgedAt !== undefined && turn.now < lastUrgedAt + URGE_COOL_DOWN_MS) {
    refuse('approval.urge_too_soon', { lastUrgedAt, nextAt: lastUrgedAt + URGE_COOL_DOWN_MS })
  }
  change(turn, { lastUrgedAt: turn.now })
  for (const { taskId, name: nodeName, assigneeIds: personIds } of tasks) {
    turn.acts.push({ type: 'urged', taskId, nodeName, personIds })
  }
}
