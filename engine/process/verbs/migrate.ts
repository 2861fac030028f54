import { checkAdmin, checkRunning } from '../authority.ts'
import type { EventOf } from '../event.ts'
import { moved, reportMigration } from '../migration.ts'
import { refuse } from '../result.ts'
import { change, type Turn } from '../turn.ts'

/**
 * An admin moves the case to another version of its process: votes, comments and ladder rungs that fired stay as they are. Refused:
 * `approval.migration_blocked { why }` when the new version has no place for where the case stands.
 */
export function migrate(turn: Turn, event: EventOf<'migrate'>): void {
  checkAdmin(turn, event.by)
  checkRunning(turn)
  const { definition, target, state } = turn
  if (!target || target.version !== event.to || event.to === definition.version) refuse('approval.definition_mismatch')
  const { blocked } = reportMigration(state, definition, target, event.nodes)
  if (blocked.length > 0) refuse('approval.migration_blocked', { why: blocked })
  change(turn, moved(state, target, event.nodes))
}
