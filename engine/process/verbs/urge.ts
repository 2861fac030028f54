import { alreadyDecided, lastDecision } from '../authority.ts'
import { type EventOf, URGE_COOL_DOWN_MS } from '../event.ts'
import { refused } from '../result.ts'
import { isFinished, type ProcessState } from '../state.ts'
import { draft, type Turn, type VerbResult } from '../turn.ts'

/** 催办: the submitter reminds those who are asked, at most once in 30 minutes per case. */
export function urge(state: ProcessState, event: EventOf<'urge'>, turn: Turn): VerbResult {
  if (event.by !== state.submitterId) return refused('approval.not_submitter')
  if (isFinished(state)) return alreadyDecided(lastDecision(state))
  if (state.incident) return refused('approval.incident', { why: state.incident.why })
  const { lastUrgedAt } = state
  if (lastUrgedAt !== undefined && turn.now < lastUrgedAt + URGE_COOL_DOWN_MS) {
    return refused('approval.urge_too_soon', { lastUrgedAt, nextAt: lastUrgedAt + URGE_COOL_DOWN_MS })
  }
  return draft(
    { ...state, lastUrgedAt: turn.now },
    state.openTasks.map(({ taskId, name, assigneeIds }) => ({ type: 'urged', taskId, nodeName: name, assigneeIds })),
  )
}
