import { evaluate, explain } from '../../condition/index.ts'
import { type ExclusiveNode, findNode, type ProcessDefinition } from '../definition.ts'
import type { Incident, ProcessForm } from '../state.ts'

/** `reason` is the sentence for the path; `isReasoned` tells whether a condition (not the default) led here. */
export type Choice =
  | { type: 'taken'; next: string; reason: string; isReasoned: boolean }
  | { type: 'incident'; code: Incident['code']; why: string }

/**
 * The first branch that holds, in the order drawn. A branch that cannot be decided stops the case even if a later one would hold:
 * the order says that it comes first.
 */
export function chooseBranch(
  node: ExclusiveNode,
  definition: ProcessDefinition,
  context: { form: ProcessForm; submitterId: string; now: number },
): Choice {
  const env = { me: context.submitterId, now: context.now }
  for (const { when, next, label } of node.branches) {
    const verdict = evaluate(when, context.form, env)
    if (verdict === false) continue
    const sentence = explain(when, context.form, definition.fields, env)
    if (verdict !== true) return { type: 'incident', code: 'undecidable', why: `「${node.name}」${sentence}` }
    return { type: 'taken', next, reason: `${sentence} → ${label ?? nameOf(definition, next)}`, isReasoned: true }
  }
  if (node.otherwise === undefined) return { type: 'incident', code: 'no_branch', why: `「${node.name}」没有符合条件的分支` }
  return { type: 'taken', next: node.otherwise, reason: `其他情况 → ${nameOf(definition, node.otherwise)}`, isReasoned: false }
}

const nameOf = (definition: ProcessDefinition, nodeId: string): string => findNode(definition, nodeId)?.name ?? nodeId
