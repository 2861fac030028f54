import type { Card, Fact } from '../../cards/model.ts'
import type { SpaceDoc } from '../../models/spaces/index.ts'
import { routes } from '../kernel/links.ts'
import type { Services } from '../kernel/services.ts'

/** A group's first card: what every member may see. Name, number, status and owner; no amounts, no telephone numbers. */
export async function spaceCard(services: Services, space: SpaceDoc): Promise<Card> {
  const { models } = services
  const organisation = await services.organisation.current()
  const project = space.subject === 'project' ? await models.projects.byId(space.subjectId) : null
  const contractId = project?.contractId ?? (space.subject === 'contract' ? space.subjectId : undefined)
  const [customer, contract] = await Promise.all([
    models.customers.byId(space.customerId),
    contractId === undefined ? null : models.contracts.byId(contractId),
  ])
  const link = services.links.h5(contract ? routes.approval(contract.caseId) : routes.customer(space.customerId))
  const done = project?.steps.filter(step => step.doneAt).length ?? 0
  const facts: (Fact | null)[] = [
    { label: '客户', value: customer?.name ?? '' },
    contract && { label: '合同', value: contract.title },
    {
      label: '状态',
      value: project ? `已完成 ${done} / ${project.steps.length} 步` : (contract?.status ?? customer?.stage ?? ''),
    },
    { label: '负责人', value: organisation.name(project?.ownerId ?? contract?.ownerId ?? customer?.ownerId ?? '') },
    { label: '发起人', value: organisation.name(space.openedById) },
  ]
  return {
    kind: '协作群',
    ...(contract && { number: contract.number }),
    title: space.name,
    status: '信息',
    facts: facts.flatMap(fact => (fact?.value ? [fact] : [])),
    note: '群里不显示金额和联系方式,资料请在单聊或页面中查看。',
    buttons: [{ type: 'link', id: 'detail', label: '详情', url: link }],
    link,
  }
}
