import type { RouteStep } from '../../common/contract/approvals.ts'
import {
  type ExpectedStep,
  findNode,
  isManned,
  type ProcessDefinition,
  type ProcessForm,
  previewRoute,
} from '../../engine/process/index.ts'
import type { Services } from '../kernel/services.ts'
import type { Organisation } from '../people/organisation.ts'
import { withAnswers } from './lookups.ts'
import { MODE_WORDS } from './words.ts'

/** A step that people will be asked at, or told at, with their names. */
export const routeStep = (step: ExpectedStep, organisation: Organisation, definition: ProcessDefinition): RouteStep => ({
  kind: step.kind,
  name: step.name,
  people: step.assigneeIds.map(id => organisation.ref(id)),
  ...modeOf(step, definition),
  ...(step.reason && { reason: step.reason }),
  branches: step.group === undefined ? [] : [{ group: step.group, name: step.branch ?? '' }],
})

function modeOf({ nodeId, assigneeIds }: ExpectedStep, definition: ProcessDefinition): Pick<RouteStep, 'mode'> {
  const node = findNode(definition, nodeId)
  if (!isManned(node) || node.mode.type === 'anyOf' || assigneeIds.length < 2) return {}
  return { mode: MODE_WORDS[node.mode.type] }
}

/** 谁会审批, before it is submitted; `stop` is why it would come to stand still. */
export async function expectedRoute(
  services: Services,
  definition: ProcessDefinition,
  draft: { by: string; form: ProcessForm; choices?: Record<string, string[]> },
): Promise<{ steps: RouteStep[]; stop?: string }> {
  const organisation = await services.organisation.current()
  const route = withAnswers(organisation, services.clock.now(), answers =>
    previewRoute(definition, draft, { now: services.clock.now(), answers }),
  )
  if (route.kind !== 'route') return { steps: [] }
  return { steps: route.steps.map(step => routeStep(step, organisation, definition)), ...(route.stop && { stop: route.stop }) }
}
