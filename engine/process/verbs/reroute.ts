import { checkAdmin, checkNotOwn, checkRunning, standingAt } from '../authority.ts'
import type { EventOf } from '../event.ts'
import { refuse } from '../result.ts'
import type { PathEntry } from '../state.ts'
import { leave } from '../tokens/leave.ts'
import { withinReach } from '../tokens/scope.ts'
import { freshTrack, scopeOf } from '../tokens/token.ts'
import { walk } from '../tokens/walk.ts'
import { nodeOf, type Turn } from '../turn.ts'
import { requiredReason } from '../words.ts'

/** An admin sends the branch that waits at a step to another node within the same forks. */
export function reroute(turn: Turn, event: EventOf<'reroute'>): void {
  checkAdmin(turn, event.by)
  checkRunning(turn)
  checkNotOwn(turn, event.by)
  const entry = standingAt(turn, event.taskId)
  sendTo(turn, entry, event.to, { byId: event.by, comment: requiredReason(event.reason), via: event.via })
}

/** Refused: `approval.reroute_target { choices }`. */
export function sendTo(
  turn: Turn,
  entry: PathEntry,
  nodeId: string,
  act: { byId: string; comment?: string | undefined; via?: string | undefined },
): void {
  const choices = withinReach(turn.definition, turn.state, entry)
  if (!choices.includes(nodeId)) refuse('approval.reroute_target', { choices })
  const left = leave(turn, entry.entryId, { outcome: 'skipped', ...act })
  const reason = `由管理员改道 → ${nodeOf(turn, nodeId).name}`
  walk(turn, { nodeId, ...scopeOf(left), reason, track: freshTrack })
}
