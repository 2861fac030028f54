import type { ProcessDefinition } from './definition.ts'
import type { ProcessEvent } from './event.ts'
import { createLookups, type ProcessEnv } from './lookups.ts'
import { refused, type TransitionResult } from './result.ts'
import type { ProcessState } from './state.ts'
import type { Draft, Turn, VerbResult } from './turn.ts'
import { approve, reject } from './verbs/decide.ts'
import { resolve } from './verbs/resolve.ts'
import { submit } from './verbs/submit.ts'
import { transfer } from './verbs/transfer.ts'
import { urge } from './verbs/urge.ts'
import { withdraw } from './verbs/withdraw.ts'

/**
 * What an event does to a case. Pure: the same arguments give the same result, byte for byte, and nothing handed in is changed.
 *
 * @param state null before `submit`
 * @returns `next`: the new state and what to do about it (one insert commits both); `needs`: look these people up and call again;
 * `refused`: nothing changes, `code` says why (see `REFUSALS`)
 */
export function transition(
  definition: ProcessDefinition,
  state: ProcessState | null,
  event: ProcessEvent,
  env: ProcessEnv,
): TransitionResult {
  const lookups = createLookups(env.answers)
  const result = apply(state, event, { definition, now: env.now, lookups })
  if (result === 'unknown') return { kind: 'needs', needs: lookups.open() }
  return result.kind === 'draft' ? accept(result) : result
}

function apply(state: ProcessState | null, event: ProcessEvent, turn: Turn): VerbResult {
  if (event.type === 'submit') return state ? refused('approval.already_submitted') : submit(event, turn)
  if (!state) return refused('approval.unknown_case')
  const { key, version } = state.definition
  if (key !== turn.definition.key || version !== turn.definition.version) return refused('approval.definition_mismatch')
  switch (event.type) {
    case 'approve':
      return approve(state, event, turn)
    case 'reject':
      return reject(state, event, turn)
    case 'transfer':
      return transfer(state, event, turn)
    case 'withdraw':
      return withdraw(state, event, turn)
    case 'urge':
      return urge(state, event, turn)
    case 'resolve':
      return resolve(state, event, turn)
  }
}

function accept({ state, effects }: Draft): TransitionResult {
  const revision = state.revision + 1
  return {
    kind: 'next',
    state: { ...state, revision },
    effects: effects.map((effect, index) => ({ id: `${state.caseId}:${revision}:${index}`, ...effect })),
  }
}
