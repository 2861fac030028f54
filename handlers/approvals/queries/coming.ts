import type { BranchView, PathStep } from '../../../common/contract/approvals.ts'
import { type ProcessDefinition, type ProcessState, upcomingRoute } from '../../../engine/process/index.ts'
import type { Organisation } from '../../people/organisation.ts'
import { withAnswers } from '../lookups.ts'
import { routeStep } from '../route.ts'

/** Whom a running case has still to meet. */
export function comingSteps({
  definition,
  state,
  organisation,
  now,
}: {
  definition: ProcessDefinition
  state: ProcessState
  organisation: Organisation
  now: number
}): PathStep[] {
  const route = withAnswers(organisation, now, answers => upcomingRoute(definition, state, { now, answers }))
  if (route.kind !== 'route') return []
  return route.steps.map((step, index) => {
    const { branches, ...rest } = routeStep(step, organisation, definition)
    return { id: `coming-${index}`, state: 'coming', transfers: [], ...rest, branches: branches.map(inOpenFork(state)) }
  })
}

/** Steps to come in a fork that the case is in stand beside those that it has come to. */
const inOpenFork =
  (state: ProcessState) =>
  (branch: BranchView): BranchView => {
    const forkIds = new Set(state.openForks.map(fork => fork.forkId))
    const open = state.path.findLast(entry => entry.nodeId === branch.group && forkIds.has(entry.entryId))
    return open ? { ...branch, group: open.entryId } : branch
  }
