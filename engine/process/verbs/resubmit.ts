import { checkRunning } from '../authority.ts'
import { checkInitiatorChoices, takeChoices } from '../choices.ts'
import type { EventOf } from '../event.ts'
import { checkForm, edit } from '../form.ts'
import { refuse } from '../result.ts'
import { leave } from '../tokens/leave.ts'
import { goOn } from '../tokens/walk.ts'
import { nodeOf, type Turn } from '../turn.ts'
import { comment } from '../words.ts'

/**
 * 重新提交 after a return: all that waits for the submitter goes on, with the fields that were changed. Refused:
 * `approval.not_submitter`, `approval.not_returned`.
 */
export function resubmit(turn: Turn, event: EventOf<'resubmit'>): void {
  if (event.by !== turn.state.submitterId) refuse('approval.not_submitter')
  checkRunning(turn)
  const waiting = turn.state.openTasks.filter(({ kind }) => kind === 'resubmit')
  const [first] = waiting
  if (!first) refuse('approval.not_returned')
  const words = comment(event.comment)
  const start = nodeOf(turn, first.nodeId)
  edit(turn, start, event.form)
  checkForm(turn.state.form, turn.definition)
  takeChoices(turn, start, event.choices)
  checkInitiatorChoices(turn)
  for (const { taskId } of waiting) {
    goOn(turn, leave(turn, taskId, { outcome: 'submitted', byId: event.by, comment: words, via: event.via }))
  }
}
