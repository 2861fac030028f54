import type { SpaceSubject } from '../../common/contract/spaces.ts'
import { NotFoundError } from '../../common/errors.ts'
import { canSee, type Viewer } from '../../engine/policy/index.ts'
import type { ContractDoc } from '../../models/contracts/index.ts'
import type { CustomerDoc } from '../../models/customers/index.ts'
import type { ProjectDoc } from '../../models/projects/index.ts'
import type { Services } from '../kernel/services.ts'
import { visibleCustomer } from '../kernel/visible-customer.ts'

/** The record of a group, and everybody whom it concerns. */
export interface Concern {
  customer: CustomerDoc
  contract?: ContractDoc
  project?: ProjectDoc
  /** The group's name. */
  name: string
  personIds: string[]
}

/**
 * Owner and superior, whoever has or had a task in a running approval, the owner of the project; and who asks.
 * @throws NotFoundError, DeniedError when there is no such record for this person
 */
export async function concernOf(services: Services, viewer: Viewer, subject: SpaceSubject, id: string): Promise<Concern> {
  const { models } = services
  const organisation = await services.organisation.current()
  const found = await recordOf(services, viewer, subject, id)
  const { customer, contract, project } = found
  const contracts = contract ? [contract] : await models.contracts.ofCustomer(customer._id)
  const projects = project ? [project] : await models.projects.ofCustomer(customer._id)
  const ids = [
    viewer.personId,
    customer.ownerId,
    organisation.superior(customer.ownerId)?.id,
    ...contracts.filter(each => each.status === '审批中').flatMap(each => [each.submitterId, ...each.participantIds]),
    ...projects.filter(each => each.steps.some(step => !step.doneAt)).map(each => each.ownerId),
  ]
  const living = ids.flatMap(each => (each && organisation.person(each)?.active ? [organisation.ref(each).id] : []))
  const title = contract ? `${contract.number} ${contract.title}` : project ? `${project.title} 交付` : '协作群'
  return { ...found, name: `${customer.name} · ${title}`, personIds: [...new Set(living)] }
}

async function recordOf(
  services: Services,
  viewer: Viewer,
  subject: SpaceSubject,
  id: string,
): Promise<Pick<Concern, 'customer' | 'contract' | 'project'>> {
  const { models } = services
  if (subject === 'customer') return { customer: await visibleCustomer(services, viewer, id) }
  if (subject === 'contract') {
    const contract = await models.contracts.byId(id)
    if (!contract || !canSee(viewer, 'contracts', contract)) throw new NotFoundError('contract.unknown', '没有找到这份合同。')
    const customer = await models.customers.byId(contract.customerId)
    if (!customer) throw new NotFoundError('customer.unknown', '没有找到这个客户。')
    return { customer, contract }
  }
  const project = await models.projects.byId(id)
  if (!project || !canSee(viewer, 'projects', project)) throw new NotFoundError('project.unknown', '没有找到这个项目。')
  const customer = await models.customers.byId(project.customerId)
  if (!customer) throw new NotFoundError('customer.unknown', '没有找到这个客户。')
  const contract = await models.contracts.byId(project.contractId)
  return { customer, project, ...(contract && { contract }) }
}
