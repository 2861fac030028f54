import type { RouteStep } from '../../common/contract/approvals.ts'
import { contractRouteInput } from '../../common/contract/contracts.ts'
import { parseAmount } from '../../common/money.ts'
import type { Viewer } from '../../engine/policy/index.ts'
import { expectedRoute, publishedDefinition } from '../approvals/index.ts'
import { defineQuery } from '../kernel/command.ts'
import type { Services } from '../kernel/services.ts'
import { CONTRACT_PROCESS } from './case.ts'

/** 谁会审批, before it is submitted. */
export async function contractSteps(
  services: Services,
  viewer: Viewer,
  form: { type: string; amountMinor: number },
): Promise<RouteStep[]> {
  const definition = await publishedDefinition(services, CONTRACT_PROCESS)
  return definition ? (await expectedRoute(services, definition, { by: viewer.personId, form })).steps : []
}

export const contractRoute = defineQuery({
  name: 'contracts.route',
  title: '谁会审批',
  input: contractRouteInput,
  surfaces: ['h5'],
  async run({ services, viewer }, { type, amount }): Promise<{ steps: RouteStep[] }> {
    const parsed = parseAmount(amount)
    return { steps: parsed.ok ? await contractSteps(services, viewer, { type, amountMinor: parsed.minor }) : [] }
  },
})
