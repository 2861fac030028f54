import { alreadyDecided, lastDecision } from '../authority.ts'
import { closeTasks, decided } from '../closing.ts'
import type { EventOf } from '../event.ts'
import { changeEntries, given } from '../path.ts'
import { refused } from '../result.ts'
import { isFinished, type ProcessState } from '../state.ts'
import { draft, type Turn, type VerbResult } from '../turn.ts'
import { comment } from '../words.ts'

/** 撤回: the submitter takes the case back while it is not finished, also out of an incident. */
export function withdraw(state: ProcessState, event: EventOf<'withdraw'>, turn: Turn): VerbResult {
  if (event.by !== state.submitterId) return refused('approval.not_submitter')
  if (isFinished(state)) return alreadyDecided(lastDecision(state))
  const words = comment(event.reason)
  if ('kind' in words) return words
  const decision = { outcome: 'withdrawn', byId: event.by, at: turn.now, comment: words.text, via: event.via } as const
  const closed = closeTasks(state, state.openTasks, decision)
  const { incident: _, ...rest } = closed.state
  const path = changeEntries(
    rest.path,
    entry => entry.decidedAt === undefined,
    () => decided(decision),
  )
  return draft({ ...rest, status: 'withdrawn', path, finishedAt: turn.now }, [
    ...closed.effects,
    { type: 'finalised', outcome: 'withdrawn', byId: event.by, ...given('reason', words.text) },
  ])
}
