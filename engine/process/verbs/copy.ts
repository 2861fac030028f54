import type { EventOf } from '../event.ts'
import { given } from '../path.ts'
import { checkThere } from '../people.ts'
import { refuse } from '../result.ts'
import { change, type Turn } from '../turn.ts'
import { comment } from '../words.ts'
import { placeOf } from './comment.ts'

/** 抄送: somebody who takes part lets others know of the case. Refused: `approval.nothing_changed` when all of them know. */
export function copy(turn: Turn, event: EventOf<'copy'>): void {
  const nodeName = placeOf(turn, event.by, 'copy')
  const words = comment(event.comment)
  const known = turn.state.copiedIds
  const personIds = [...new Set(event.people)].filter(id => !known.includes(id))
  if (personIds.length === 0) refuse('approval.nothing_changed')
  checkThere(personIds, turn)
  change(turn, { copiedIds: [...known, ...personIds] })
  turn.acts.push({ type: 'copied', ...given('nodeName', nodeName), personIds, byId: event.by, ...given('comment', words) })
}
