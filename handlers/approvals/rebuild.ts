import { HEAD_SHAPE } from '../../models/approvals/index.ts'
import type { Services } from '../kernel/services.ts'
import { readStep } from './act.ts'
import { definitionOf, factsOf } from './definitions.ts'
import { headOf } from './follow/head.ts'

const BATCH = 200
/** Which shape all heads have. */
const MARK = 'caseHeadShape'

/**
 * Heads are projections of steps: when what they hold has changed since they were written, they are made anew from the latest step of
 * each case. Runs once per shape; a start that was cut short goes on where it was. Returns how many.
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
      const { after: state, at } = readStep(latest)
      const definition = await definitionOf(services, state)
      await cases.reshape(headOf(definition, state, factsOf(services, organisation, definition, state), at))
      count += 1
    }
  }
  await settings.set(MARK, HEAD_SHAPE)
  return count
}
