import { contractRouteInput, type RouteStep } from '../../common/contract/contracts.ts'
import { parseAmount } from '../../common/money.ts'
import type { Viewer } from '../../engine/policy/index.ts'
import { previewRoute } from '../../engine/process/index.ts'
import { withAnswers } from '../approvals/index.ts'
import { defineQuery } from '../kernel/command.ts'
import type { Services } from '../kernel/services.ts'
import { contractCase } from './case.ts'

/** 谁会审批, before it is submitted. */
export async function expectedRoute(
  services: Services,
  viewer: Viewer,
  form: { type: string; amountMinor: number },
): Promise<RouteStep[]> {
  const definition = contractCase.definitions.at(-1)
  if (!definition) return []
  const organisation = await services.organisation.current()
  const route = withAnswers(organisation, answers =>
    previewRoute(definition, { by: viewer.personId, form }, { now: services.clock.now(), answers }),
  )
  if (route.kind !== 'route') return []
  return route.steps.map(({ name, assigneeIds, reason }) => ({
    name,
    people: assigneeIds.map(id => organisation.ref(id)),
    ...(reason && { reason }),
  }))
}

export const contractRoute = defineQuery({
  name: 'contracts.route',
  title: '谁会审批',
  input: contractRouteInput,
  surfaces: ['h5'],
  async run({ services, viewer }, { type, amount }): Promise<{ steps: RouteStep[] }> {
    const parsed = parseAmount(amount)
    return { steps: parsed.ok ? await expectedRoute(services, viewer, { type, amountMinor: parsed.minor }) : [] }
  },
})
