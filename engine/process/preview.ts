import type { ProcessDefinition, ProcessNode } from './definition.ts'
import { createLookups, type Need, type ProcessEnv } from './lookups.ts'
import { isFinished, type ProcessForm, type ProcessState } from './state.ts'
import type { Turn } from './turn.ts'
import { walk } from './walk.ts'

/** One step that people will be asked at. */
export interface ExpectedStep {
  nodeId: string
  name: string
  assigneeIds: string[]
  reason?: string
}

/** `stop` is why the case would come to stand still after these steps (an incident), when it would. */
export type Route = { kind: 'route'; steps: ExpectedStep[]; stop?: string } | { kind: 'needs'; needs: Need[] }

/** 谁会审批: whom a case would meet if it were submitted now and approved all the way. All look-ups are asked for at once. */
export function previewRoute(definition: ProcessDefinition, draft: { by: string; form: ProcessForm }, env: ProcessEnv): Route {
  const start = definition.nodes.find(node => node.type === 'start')
  return start?.type === 'start' ? routeFrom(start.next, definition, { submitterId: draft.by, form: draft.form }, env) : noRoute
}

/** Whom a running case has still to meet after the step that is open now; empty for a finished or stopped one. */
export function upcomingRoute(definition: ProcessDefinition, state: ProcessState, env: ProcessEnv): Route {
  if (isFinished(state) || state.incident) return { kind: 'route', steps: [] }
  const node = definition.nodes.find(candidate => candidate.id === state.openTasks[0]?.nodeId)
  return node?.type === 'approval' ? routeFrom(node.next, definition, state, env) : noRoute
}

const BROKEN = '流程定义有误'
const noRoute: Route = { kind: 'route', steps: [], stop: BROKEN }

function routeFrom(
  nodeId: string,
  definition: ProcessDefinition,
  traveller: { submitterId: string; form: ProcessForm },
  env: ProcessEnv,
): Route {
  const lookups = createLookups(env.answers)
  const turn: Turn = { definition, now: env.now, lookups }
  const steps: ExpectedStep[] = []
  const met = new Set<ProcessNode>()
  const end = (stop?: string): Route => {
    const needs = lookups.open()
    if (needs.length > 0) return { kind: 'needs', needs }
    return stop === undefined ? { kind: 'route', steps } : { kind: 'route', steps, stop }
  }
  for (let next = nodeId; ; ) {
    const { stop } = walk(next, traveller, turn)
    if (stop.type === 'end') return end()
    if (stop.type === 'broken') return end(BROKEN)
    if (stop.type === 'incident') return end(stop.why)
    if (met.has(stop.node)) return end(`「${stop.node.name}」之后又回到这一步,走不到结束`)
    met.add(stop.node)
    if (stop.type === 'task') {
      const { node, type: _, ...who } = stop
      steps.push({ nodeId: node.id, name: node.name, ...who })
    }
    next = stop.node.next
  }
}
