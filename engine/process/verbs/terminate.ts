import { checkAdmin, checkRunning } from '../authority.ts'
import type { EventOf } from '../event.ts'
import { finish } from '../finish.ts'
import type { Turn } from '../turn.ts'
import { requiredReason } from '../words.ts'

/** An admin ends the case; whatever is open is void. */
export function terminate(turn: Turn, event: EventOf<'terminate'>): void {
  checkAdmin(turn, event.by)
  checkRunning(turn)
  finish(turn, 'terminated', { byId: event.by, reason: requiredReason(event.reason), via: event.via })
}
