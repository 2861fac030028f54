import { exitsOf, findNode, type ProcessDefinition } from './definition.ts'
import { createLookups, type Need, type ProcessEnv } from './lookups.ts'
import { entryOf, given } from './path.ts'
import { Refusal } from './result.ts'
import { isFinished, type PathEntry, type ProcessForm, type ProcessState } from './state.ts'
import { activeEntries, leave } from './tokens/leave.ts'
import { goOn } from './tokens/walk.ts'
import { beginTurn, type Turn } from './turn.ts'
import { begin, newCase } from './verbs/submit.ts'

/** Kinds of node that are a step for those who look at a case. */
const STEPS = ['approval', 'handle', 'cc', 'timer', 'service', 'subProcess'] as const

/** One step that the case will come to. */
export interface ExpectedStep {
  nodeId: string
  name: string
  kind: (typeof STEPS)[number]
  /** Who will be asked, or told; nobody at a timer, a command or a sub-process, and where somebody has still to be named. */
  assigneeIds: string[]
  reason?: string
  /** The node's rules name nobody who is there: these stand in. */
  isFallback?: true
  /** The node of the innermost fork in which the step lies; steps of one group and different branches run side by side. */
  group?: string
  /** The branch of that fork: its label, else the name of its first step. */
  branch?: string
}

/**
 * `stop` is why the case would come to stand still after these steps (an incident), when it would. `passed` are all nodes that it
 * would come through, gateways too.
 */
export type Route = { kind: 'route'; steps: ExpectedStep[]; passed: string[]; stop?: string } | { kind: 'needs'; needs: Need[] }

/**
 * 谁会审批: whom a case would meet if it were submitted now and approved all the way, the branches of a fork one after the other. It is
 * the engine itself that runs, with nobody waited for. Whom standing delegations would put in whose place is not told. All look-ups
 * are asked for at once.
 *
 * @param draft as it is so far: fields that are still empty only show once a branch reads them
 */
export function previewRoute(
  definition: ProcessDefinition,
  draft: { by: string; form: ProcessForm; choices?: ProcessState['choices'] },
  env: ProcessEnv,
): Route {
  const { choices = {} } = draft
  const state = { ...newCase(definition, { caseId: 'preview', ...draft }, env.now), choices }
  return rehearsal(definition, state, env, turn => begin(turn, { by: draft.by }))
}

/** Whom a running case has still to meet after the steps that are open now; empty for a finished one. */
export function upcomingRoute(definition: ProcessDefinition, state: ProcessState, env: ProcessEnv): Route {
  if (isFinished(state)) return { kind: 'route', steps: [], passed: [] }
  const stopped = new Set(state.incidents.map(({ entryId }) => entryId))
  return rehearsal(definition, state, env, turn => {
    for (const { entryId } of activeEntries(state)) {
      if (!stopped.has(entryId)) goOn(turn, leave(turn, entryId, { outcome: 'done' }))
    }
  })
}

function rehearsal(definition: ProcessDefinition, state: ProcessState, env: ProcessEnv, run: (turn: Turn) => void): Route {
  const lookups = createLookups(env)
  const turn = beginTurn(definition, state, env.now, lookups, true)
  try {
    run(turn)
  } catch (signal) {
    if (!(signal instanceof Refusal)) throw signal
    return { kind: 'route', steps: [], passed: [], stop: '流程定义有误' }
  }
  const needs = lookups.open()
  if (needs.length > 0) return { kind: 'needs', needs }
  const ahead = turn.state.path.slice(state.path.length)
  const steps = ahead.flatMap(entry => stepOf(turn, entry))
  const passed = [...new Set(ahead.map(({ nodeId }) => nodeId))]
  const stop = turn.state.incidents[0]?.why
  return { kind: 'route', steps, passed, ...given('stop', stop) }
}

/** A step where somebody is asked, told or waited for; one that passes by itself, or where the case stands still, is none. */
function stepOf(turn: Turn, entry: PathEntry): ExpectedStep[] {
  const { nodeId, name, type, reason, seats, copiedIds, outcome } = entry
  const kind = STEPS.find(step => step === type)
  if (!kind || (outcome !== 'approved' && outcome !== 'done')) return []
  const assigneeIds = copiedIds ?? seats.map(({ personId }) => personId)
  const fallback = turn.nobodyAt.includes(nodeId) ? { isFallback: true as const } : {}
  return [{ nodeId, name, kind, assigneeIds, ...given('reason', reason), ...fallback, ...placeOf(turn, entry) }]
}

function placeOf({ definition, state }: Turn, { forks, branch }: PathEntry): Pick<ExpectedStep, 'group' | 'branch'> {
  const forkId = forks.at(-1)
  const node = forkId === undefined ? undefined : findNode(definition, entryOf(state, forkId).nodeId)
  if (branch === undefined || (node?.type !== 'parallel' && node?.type !== 'inclusive')) return {}
  const drawn = node.branches[branch]
  const first = findNode(definition, exitsOf(node)[branch]?.next ?? '')
  return { group: node.id, branch: drawn?.label ?? first?.name ?? String(branch + 1) }
}
