import { isOfFirstVersion, type ProcessDefinition, runningTimers } from '../../engine/process/index.ts'
import { HEAD_SHAPE } from '../../models/approvals/index.ts'
import type { CaseStep } from '../kernel/case-subject.ts'
import type { Services } from '../kernel/services.ts'
import { readStep } from './act.ts'
import { definitionOf, factsOf } from './definitions.ts'
import { headOf } from './follow/head.ts'
import { followTimers } from './follow/timers.ts'

const BATCH = 200
/** Which shape all heads have. */
const MARK = 'caseHeadShape'

/**
 * Heads are projections of steps: when what they hold has changed since they were written, they are made anew from the latest step of
 * each case. A case that the first version stored also gets the timers of its step, counted from when people were asked. Runs once per
 * shape; a start that was cut short goes on where it was. Returns how many.
 */
export async function rebuildHeads(services: Services): Promise<number> {
  const { cases, settings, steps } = services.models
  if ((await settings.get<number>(MARK)) === HEAD_SHAPE) return 0
  const organisation = await services.organisation.current()
  let count = 0
  for (let rows = await cases.outdated(BATCH); rows.length > 0; rows = await cases.outdated(BATCH)) {
    for (const { _id } of rows) {
      const latest = await steps.latest(_id)
      if (!latest) throw new Error(`case ${_id} has a head and no step`)
      const step = readStep(latest)
      const { after: state, at } = step
      const definition = await definitionOf(services, state)
      if (isOfFirstVersion(latest.after)) await beginTimers(services, step, definition)
      await cases.reshape(headOf(definition, state, factsOf(services, organisation, definition, state), at))
      count += 1
    }
  }
  await settings.set(MARK, HEAD_SHAPE)
  return count
}

function beginTimers(services: Services, step: CaseStep, definition: ProcessDefinition): Promise<void> {
  const effects = runningTimers(definition, step.after).map(timer => ({ ...timer, id: timer.timerId }))
  return followTimers(services, { ...step, effects })
}
