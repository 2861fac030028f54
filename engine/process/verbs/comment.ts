import { checkRunning, takesPart } from '../authority.ts'
import { isManned, type Operation } from '../definition.ts'
import type { EventOf } from '../event.ts'
import { entryOf, given } from '../path.ts'
import { refuse } from '../result.ts'
import { answered, change, nodeOf, type Turn } from '../turn.ts'
import { openSeatsOf } from '../voting/seats.ts'
import { requiredComment } from '../words.ts'

/** Most comments of one case. */
const MAX_REMARKS = 500

/** 评论, with @ of people: by anybody who takes part, and by admins. */
export function addComment(turn: Turn, event: EventOf<'comment'>): void {
  const nodeName = placeOf(turn, event.by, 'comment')
  const text = requiredComment(event.text)
  const { remarks } = turn.state
  if (remarks.length >= MAX_REMARKS) refuse('approval.too_many_comments', { max: MAX_REMARKS })
  const { by: byId, via } = event
  const mentionIds = [...new Set(event.mentions)]
  const remark = { byId, at: turn.now, ...given('nodeName', nodeName), text, mentionIds, ...given('via', via) }
  change(turn, { remarks: [...remarks, remark] })
  turn.acts.push({ type: 'commented', byId, text, mentionIds })
}

/**
 * Where a person who takes part in the running case speaks from: the step that asks them, if one does. Refused:
 * `approval.not_participant`, `approval.operation_not_allowed` when no step that asks them allows it.
 */
export function placeOf(turn: Turn, personId: string, operation: Operation): string | undefined {
  const isAdmin = () => answered(turn.lookups.ask({ type: 'admins' })).includes(personId)
  if (!takesPart(turn.state, personId) && !isAdmin()) refuse('approval.not_participant')
  checkRunning(turn)
  const asking = turn.state.openTasks.filter(({ taskId }) => openSeatsOf(entryOf(turn.state, taskId).seats, personId).length > 0)
  const allowing = asking.find(({ nodeId }) => {
    const node = nodeOf(turn, nodeId)
    return !isManned(node) || !node.operations || node.operations.includes(operation)
  })
  if (asking.length > 0 && !allowing) refuse('approval.operation_not_allowed', { operation })
  return allowing?.name
}
