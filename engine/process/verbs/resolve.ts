import { advance, openTask } from '../advance.ts'
import { assign } from '../approvers.ts'
import { alreadyDecided, lastDecision } from '../authority.ts'
import { type ApprovalNode, type ExclusiveNode, exitsOf, findNode } from '../definition.ts'
import type { EventOf } from '../event.ts'
import { given } from '../path.ts'
import { refused } from '../result.ts'
import { isFinished, type PathEntry, type ProcessState } from '../state.ts'
import { peopleOf, type Turn, type VerbResult } from '../turn.ts'
import { joinReasons } from '../walk.ts'

/**
 * An admin ends an incident. A step without approvers is given some (`assign`), or asks its rules again when none are named (roles may
 * have been filled since); where no branch could be chosen, an admin who is not the submitter says where to go (`goTo`, one of the
 * node's exits): the way may end the case, and nobody passes the own one.
 */
export function resolve(state: ProcessState, event: EventOf<'resolve'>, turn: Turn): VerbResult {
  const admins = turn.lookups.ask({ type: 'admins' })
  if (!admins) return 'unknown'
  if (!admins.includes(event.by)) return refused('approval.not_admin')
  if (isFinished(state)) return alreadyDecided(lastDecision(state))
  const stopped = state.path.at(-1)
  if (!state.incident || !stopped) return refused('approval.no_incident')

  const { incident: _, ...rest } = state
  const before: ProcessState = { ...rest, status: 'running', path: state.path.slice(0, -1) }
  const node = findNode(turn.definition, state.incident.nodeId)
  if (node?.type === 'approval') return fillStep(before, node, stopped, event, turn)
  if (node?.type === 'exclusive') return chooseExit(before, node, stopped, event, turn)
  return refused('approval.definition_invalid')
}

function fillStep(
  before: ProcessState,
  node: ApprovalNode,
  stopped: PathEntry,
  event: EventOf<'resolve'>,
  turn: Turn,
): VerbResult {
  const named = [...new Set(event.assign)]
  if (named.includes(before.submitterId)) return refused('approval.assign_submitter')
  const assignment =
    named.length > 0 ? { assigneeIds: named, note: '由管理员指定审批人' } : assign(node.approvers, peopleOf(before, turn))
  if (assignment === 'unknown') return 'unknown'
  if (!assignment) return refused('approval.assign_required')
  const reason = joinReasons(stopped.reason, assignment.note)
  return openTask(before, { ...stopped, assigneeIds: assignment.assigneeIds, ...given('reason', reason) }, [], turn.now)
}

function chooseExit(
  before: ProcessState,
  node: ExclusiveNode,
  stopped: PathEntry,
  event: EventOf<'resolve'>,
  turn: Turn,
): VerbResult {
  if (event.by === before.submitterId) return refused('approval.own_case')
  const exits = exitsOf(node).map(({ next }) => next)
  const { goTo } = event
  if (goTo === undefined || !exits.includes(goTo)) return refused('approval.branch_required', { choices: [...new Set(exits)] })
  const target = findNode(turn.definition, goTo)
  const entry: PathEntry = {
    ...stopped,
    reason: `由管理员指定 → ${target?.name ?? goTo}`,
    decidedAt: turn.now,
    outcome: 'routed',
    byId: event.by,
    ...given('via', event.via),
  }
  return advance({ ...before, path: [...before.path, entry] }, goTo, event.by, [], turn)
}
