import { consequences } from './consequences/index.ts'
import type { ProcessDefinition } from './definition.ts'
import type { ProcessEvent } from './event.ts'
import { lastActor } from './finish.ts'
import { createLookups, type ProcessEnv } from './lookups.ts'
import { Refusal, type Refused, refusal, refuse, type TransitionResult, Unanswered } from './result.ts'
import { isFinished, type ProcessState } from './state.ts'
import { beginTurn, type Turn } from './turn.ts'
import { apply } from './verbs/index.ts'
import { newCase } from './verbs/submit.ts'

/**
 * What an event does to a case. Pure: the same arguments give the same result, byte for byte, and nothing handed in is changed.
 *
 * @param state null before `submit`
 * @returns `next`: the new state and what to do about it (one insert commits both); `needs`: look these up and call again;
 * `refused`: nothing changes, `code` says why (see `REFUSALS`)
 */
export function transition(
  definition: ProcessDefinition,
  state: ProcessState | null,
  event: ProcessEvent,
  env: ProcessEnv,
): TransitionResult {
  const before = state ?? (event.type === 'submit' ? newCase(definition, event, env.now) : undefined)
  if (!before) return refusal('approval.unknown_case')
  if (event.type === 'submit' && state) return refusal('approval.already_submitted')
  const { key, version } = before.definition
  if (key !== definition.key || version !== definition.version) return refusal('approval.definition_mismatch')
  const turn: Turn = { ...beginTurn(definition, before, env.now, createLookups(env)), ...(env.target && { target: env.target }) }
  const refused = caught(() => {
    apply(turn, event)
    if (turn.unnamed.length > 0 && NAMING.has(event.type)) refuse('approval.choice_required', { nodeIds: turn.unnamed })
  })
  const needs = turn.lookups.open()
  if (needs.length > 0) return { kind: 'needs', needs }
  return refused ?? accept(turn, state, event)
}

/** Events with which people are named for the step that follows. */
const NAMING: ReadonlySet<ProcessEvent['type']> = new Set(['submit', 'approve', 'resubmit'])

/** Decisions that can be taken back until somebody acts on them. */
const DECISIONS: ReadonlySet<ProcessEvent['type']> = new Set(['approve', 'reject', 'return'])

/** What can happen without anybody acting on the last decision. */
const ASIDES: ReadonlySet<ProcessEvent['type']> = new Set(['urge', 'comment', 'copy'])

/** A verb that looked up in vain, or was refused, ends early. */
function caught(run: () => void): Refused | undefined {
  try {
    run()
    return undefined
  } catch (signal) {
    if (signal instanceof Refusal) return signal.refused
    if (signal instanceof Unanswered) return undefined
    throw signal
  }
}

/** A case that was moved is on another version from now on. */
const definitionAfter = ({ definition, target, state }: Turn): ProcessDefinition =>
  target && target.version === state.definition.version ? target : definition

function accept(turn: Turn, before: ProcessState | null, event: ProcessEvent): TransitionResult {
  const { retractable: last, ...rest } = turn.state
  const revision = rest.revision + 1
  const running = rest.incidents.length > 0 ? 'incident' : 'running'
  const retractable = 'by' in event && DECISIONS.has(event.type) ? { byId: event.by, revision } : ASIDES.has(event.type) && last
  const state: ProcessState = {
    ...rest,
    status: isFinished(rest) ? rest.status : running,
    revision,
    ...(retractable && !isFinished(rest) && { retractable }),
  }
  const byId = 'by' in event ? event.by : lastActor(state)
  const effects = [...turn.acts, ...consequences({ from: turn.definition, to: definitionAfter(turn) }, before, state, byId)]
  return {
    kind: 'next',
    state,
    effects: effects.map((effect, index) => ({ id: `${state.caseId}:${revision}:${index}`, ...effect })),
  }
}
