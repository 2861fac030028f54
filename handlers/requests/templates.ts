import type { RequestTemplate } from '../../common/contract/requests.ts'
import { NotFoundError } from '../../common/errors.ts'
import { outline, PROCESS_TEMPLATES, type ProcessDefinition } from '../../engine/process/index.ts'
import { publishedDefinition } from '../approvals/index.ts'
import { CONTRACT_PROCESS } from '../contracts/index.ts'
import { routes } from '../kernel/links.ts'
import type { Services } from '../kernel/services.ts'

/** Numbers of processes that a company made itself. */
const OWN_PREFIX = 'SQ'

/** What numbers of a process begin with: `BB-2026-0001`. */
export const prefixOf = (key: string): string =>
  PROCESS_TEMPLATES.find(template => template.definition.key === key)?.prefix ?? OWN_PREFIX

/** @throws NotFoundError `request.unknown_template` when nothing of that key is published, or it has a form of its own */
export async function requireTemplate(services: Services, key: string): Promise<ProcessDefinition> {
  const definition = key === CONTRACT_PROCESS ? null : await publishedDefinition(services, key)
  if (!definition) throw new NotFoundError('request.unknown_template', '没有这种申请。发送"发起"查看可以发起的申请。')
  return definition
}

/** Where a request of this kind is filled in. Contracts have a page of their own. */
export const formRoute = (key: string): string => (key === CONTRACT_PROCESS ? routes.newContract() : routes.newRequest(key))

const ORDER = new Map(PROCESS_TEMPLATES.map(({ definition }, index) => [definition.key, index]))
const placeOf = (key: string): number => ORDER.get(key) ?? ORDER.size

/** Everything that may be begun: the product's own in the order of a customer's way through the company, then the company's own. */
export async function offeredTemplates(services: Services): Promise<RequestTemplate[]> {
  const seen = new Set<string>()
  const rows = (await services.models.processes.offered()).filter(row => !seen.has(row.key) && seen.add(row.key))
  return rows
    .sort((a, b) => placeOf(a.key) - placeOf(b.key) || a.key.localeCompare(b.key))
    .map(({ key, name, definition }) => {
      const about = PROCESS_TEMPLATES.find(template => template.definition.key === key)?.about
      return {
        key,
        name,
        ...(about && { about }),
        steps: outline(definition as ProcessDefinition),
        to: formRoute(key),
      }
    })
}
