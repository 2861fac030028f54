import { isManned, type ProcessDefinition } from './definition.ts'
import type { Need, ProcessEnv } from './lookups.ts'
import { type ExpectedStep, previewRoute } from './preview.ts'
import type { ProcessState } from './state.ts'

/** One finished case as it would have gone. */
export interface RehearsedCase {
  caseId: string
  /** Whom it would have met, in order. */
  steps: ExpectedStep[]
  /** Steps that it did not meet then, and steps that it met then and would not meet now, by name. */
  added: string[]
  removed: string[]
  /** Why it would have come to stand still. */
  stop?: string
}

export interface Rehearsal {
  cases: RehearsedCase[]
  /** Cases that would have gone another way. */
  different: number
  /** Nodes that no case came to. */
  dead: { nodeId: string; name: string }[]
  /** Steps for which nobody was found in some case, and what would have happened instead. */
  nobody: { nodeId: string; name: string; count: number }[]
}

export type RehearsalResult = ({ kind: 'rehearsal' } & Rehearsal) | { kind: 'needs'; needs: Need[] }

/**
 * Runs a draft over finished cases: their forms and submitters, today's people. Nothing of them is touched; every step is taken as
 * approved, so that the whole way is seen.
 */
export function rehearse(draft: ProcessDefinition, finished: readonly ProcessState[], env: ProcessEnv): RehearsalResult {
  const needs = new Map<string, Need>()
  const cases: RehearsedCase[] = []
  const visited = new Set<string>()
  const nobody = new Map<string, number>()
  for (const state of finished) {
    const route = previewRoute(draft, { by: state.submitterId, form: state.form, choices: state.choices }, env)
    if (route.kind === 'needs') {
      for (const need of route.needs) needs.set(need.key, need)
      continue
    }
    const { steps, stop, passed } = route
    for (const nodeId of passed) visited.add(nodeId)
    for (const step of steps) if (step.isFallback) nobody.set(step.nodeId, (nobody.get(step.nodeId) ?? 0) + 1)
    cases.push({ caseId: state.caseId, steps, ...compare(state, steps), ...(stop !== undefined && { stop }) })
  }
  if (needs.size > 0) return { kind: 'needs', needs: [...needs.values()] }
  return {
    kind: 'rehearsal',
    cases,
    different: cases.filter(({ added, removed, stop }) => added.length + removed.length > 0 || stop !== undefined).length,
    dead: draft.nodes.flatMap(({ id: nodeId, name }) => (cases.length === 0 || visited.has(nodeId) ? [] : [{ nodeId, name }])),
    nobody: draft.nodes.filter(isManned).flatMap(({ id: nodeId, name }) => {
      const count = nobody.get(nodeId)
      return count === undefined ? [] : [{ nodeId, name, count }]
    }),
  }
}

/** By the names of steps where people are asked: ids may differ from version to version, people read names. */
function compare(state: ProcessState, steps: readonly ExpectedStep[]): { added: string[]; removed: string[] } {
  const then = new Set(state.path.filter(({ seats }) => seats.length > 0).map(({ name }) => name))
  const now = new Set(steps.filter(({ assigneeIds }) => assigneeIds.length > 0).map(({ name }) => name))
  return { added: [...now].filter(name => !then.has(name)), removed: [...then].filter(name => !now.has(name)) }
}
