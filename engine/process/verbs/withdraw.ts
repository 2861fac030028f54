import { checkRunning } from '../authority.ts'
import type { EventOf } from '../event.ts'
import { finish } from '../finish.ts'
import { refuse } from '../result.ts'
import type { Turn } from '../turn.ts'
import { comment } from '../words.ts'

/** 撤回: the submitter takes the case back while it is not finished, also out of an incident. */
export function withdraw(turn: Turn, event: EventOf<'withdraw'>): void {
  if (event.by !== turn.state.submitterId) refuse('approval.not_submitter')
  checkRunning(turn)
  finish(turn, 'withdrawn', { byId: event.by, reason: comment(event.reason), via: event.via })
}
