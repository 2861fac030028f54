import type { ProcessDefinition } from '../definition.ts'
import type { EffectBody } from '../effect.ts'
import type { ProcessState } from '../state.ts'
import { incidentsRaised, incidentsResolved } from './incidents.ts'
import { peopleAsked, peopleReleased, tasksClosed } from './tasks.ts'
import { childrenCancelled, timersCancelled, timersSet, workRequested } from './waits.ts'

/**
 * What the world must be asked to do so that it fits the case after an event: the difference of two states, in effects. What is over
 * comes first, then what begins. Whatever brought the change about, nobody is asked twice and no timer is left behind.
 *
 * @param definitions the versions that the case was and is on: two only when it was moved
 * @param byId whose act it was
 */
export function consequences(
  definitions: { from: ProcessDefinition; to: ProcessDefinition },
  before: ProcessState | null,
  after: ProcessState,
  byId: string,
): EffectBody[] {
  const over = before
    ? [
        ...tasksClosed(before, after),
        ...peopleReleased(before, after),
        ...timersCancelled(definitions, before, after),
        ...childrenCancelled(before, after),
        ...incidentsResolved(before, after, byId),
      ]
    : []
  return [
    ...over,
    ...copiesSent(before, after),
    ...peopleAsked(before, after),
    ...timersSet(definitions, before, after),
    ...workRequested(definitions.to, before, after),
    ...incidentsRaised(before, after),
    ...finalised(before, after),
  ]
}

/** Once, with the event that ends the case. */
function finalised(before: ProcessState | null, { status, ending }: ProcessState): EffectBody[] {
  if (!ending || before?.ending || status === 'running' || status === 'incident') return []
  return [{ type: 'finalised', outcome: status, ...ending }]
}

/** Those told at the cc nodes that the case came through. */
const copiesSent = (before: ProcessState | null, after: ProcessState): EffectBody[] =>
  after.path
    .slice(before?.path.length ?? 0)
    .flatMap(({ name: nodeName, copiedIds: personIds = [] }) =>
      personIds.length > 0 ? [{ type: 'copied', nodeName, personIds }] : [],
    )
