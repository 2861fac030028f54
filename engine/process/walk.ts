import { assign } from './approvers.ts'
import { type ApprovalNode, findNode, type ProcessNode } from './definition.ts'
import { chooseBranch } from './nodes/exclusive.ts'
import { entryFor, given } from './path.ts'
import type { Incident, PathEntry, ProcessForm } from './state.ts'
import { peopleOf, type Turn } from './turn.ts'

/** Where a walk comes to rest. `broken`: the definition leads to a node that it does not have. */
export type Stop =
  | { type: 'task'; node: ApprovalNode; assigneeIds: string[]; reason?: string }
  | { type: 'end'; node: ProcessNode }
  | { type: 'incident'; node: ProcessNode; code: Incident['code']; why: string; reason?: string }
  | { type: 'unknown'; node: ApprovalNode; reason?: string }
  | { type: 'broken' }

export interface Walk {
  /** Nodes gone through without waiting. */
  passed: PathEntry[]
  stop: Stop
}

type Traveller = { submitterId: string; form: ProcessForm }

/** Goes on from a node until people are asked, the case ends, or it cannot go on. */
export function walk(nodeId: string, traveller: Traveller, turn: Turn): Walk {
  const passed: PathEntry[] = []
  const seen = new Set<string>()
  let next = nodeId
  let reason: string | undefined
  for (;;) {
    const node = findNode(turn.definition, next)
    if (!node || node.type === 'start') return { passed, stop: { type: 'broken' } }
    if (node.type === 'end') return { passed, stop: { type: 'end', node } }
    if (node.type === 'approval') return { passed, stop: arrive(node, reason, traveller, turn) }
    if (seen.has(node.id)) {
      return { passed, stop: { type: 'incident', node, code: 'endless', why: `「${node.name}」的分支绕成了圈` } }
    }
    seen.add(node.id)
    const choice = chooseBranch(node, turn.definition, { ...traveller, now: turn.now })
    if (choice.type === 'incident') return { passed, stop: { ...choice, node } }
    passed.push(entryFor(node, turn.now, { reason: choice.reason, decidedAt: turn.now, outcome: 'routed' }))
    next = choice.next
    reason = choice.isReasoned ? choice.reason : undefined
  }
}

function arrive(node: ApprovalNode, reason: string | undefined, traveller: Traveller, turn: Turn): Stop {
  const assignment = assign(node.approvers, peopleOf(traveller, turn))
  if (assignment === 'unknown') return { type: 'unknown', node, ...given('reason', reason) }
  if (!assignment) {
    const why = `「${node.name}」没有审批人,也没有管理员可以代为处理`
    return { type: 'incident', node, code: 'no_approver', why, ...given('reason', reason) }
  }
  return { type: 'task', node, assigneeIds: assignment.assigneeIds, ...given('reason', joinReasons(reason, assignment.note)) }
}

/** The routing's sentence and the note on who was asked instead, in one line. */
export function joinReasons(...sentences: readonly (string | undefined)[]): string | undefined {
  const told = sentences.filter(sentence => sentence !== undefined)
  return told.length > 0 ? told.join(';') : undefined
}
