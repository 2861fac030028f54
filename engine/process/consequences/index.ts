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
 * @param byId whose act it was
 */
export function consequences(
  definition: ProcessDefinition,
  before: ProcessState | null,
  after: ProcessState,
  byId: string,
): EffectBody[] {
  const over = before
    ? [
        ...tasksClosed(before, after),
        ...peopleReleased(before, after),
        ...timersCancelled(definition, before, after),
        ...childrenCancelled(before, after),
        ...incidentsResolved(before, after, byId),
      ]
    : []
  return [
    ...over,
    ...copiesSent(before, after),
    ...peopleAsked(before, after),
    ...timersSet(definition, before, after),
    ...workRequested(definition, before, after),
    ...incidentsRaised(before, after),
  ]
}

/** Those told at the cc nodes that the case came through. */
const copiesSent = (before: ProcessState | null, after: ProcessState): EffectBody[] =>
  after.path
    .slice(before?.path.length ?? 0)
    .flatMap(({ name: nodeName, copiedIds: personIds = [] }) =>
      personIds.length > 0 ? [{ type: 'copied', nodeName, personIds }] : [],
    )
