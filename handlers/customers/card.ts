import type { Card, Fact } from '../../cards/model.ts'
import type { CustomerDetail } from '../../common/contract/customers.ts'
import { formatYuan, formatYuanShort } from '../../common/money.ts'
import type { Viewer } from '../../engine/policy/index.ts'
import type { CardTemplate } from '../kernel/card-template.ts'
import { routes } from '../kernel/links.ts'
import type { Services } from '../kernel/services.ts'
import { shareByCard } from '../portal/index.ts'
import { customerDetail } from './history.ts'

export const CUSTOMER_CARD = 'customers.card'
export const VISIT_CARD = 'customers.visit'

const contractWords = (detail: CustomerDetail): string => {
  const signed = detail.contracts.filter(contract => contract.status === '已通过').length
  const parts = [
    signed > 0 ? `${signed} 份 ${formatYuanShort(detail.figures.contractTotalMinor)}` : '',
    detail.figures.contractsInApproval > 0
      ? `审批中 ${detail.contracts
          .filter(contract => contract.status === '审批中')
          .map(contract => formatYuan(contract.amountMinor))
          .join('、')}`
      : '',
  ]
  return parts.filter(Boolean).join(',') || '暂无'
}

const contactWords = (detail: CustomerDetail): string =>
  detail.contacts
    .slice(0, 2)
    .map(contact => `${contact.name} ${contact.phone}`)
    .join('、') || '暂无'

const todoWords = (detail: CustomerDetail): string =>
  detail.todos[0] ? `${detail.figures.openTodos} 条:${detail.todos[0].title}` : '无未完成'

async function latestWords(services: Services, viewer: Viewer, customerId: string, count: number): Promise<string> {
  const events = await services.models.timeline.page(customerId, 'all', viewer.subtreePersonIds, count)
  const now = services.clock.now()
  return (
    events.map(event => `${services.time.date(event.at.getTime(), now)} ${event.text ?? event.title}`).join(';') || '暂无动态'
  )
}

const buttons = (services: Services, customerId: string): Card['buttons'] => [
  { type: 'link', id: 'activity', label: '写跟进', url: services.links.h5(routes.writeActivity(customerId)), style: 'primary' },
  { type: 'link', id: 'contract', label: '提交合同', url: services.links.h5(routes.newContract(customerId)) },
  { type: 'callback', id: 'share', label: '分享进度' },
]

const actions: CardTemplate['actions'] = { share: shareByCard }

/** 查: the customer at a glance; the rest on H5. */
export const customerCard: CardTemplate = {
  name: CUSTOMER_CARD,
  async present(services, { customerId = '' }, viewer): Promise<Card> {
    const detail = await customerDetail(services, viewer, customerId)
    const facts: Fact[] = [
      { label: '负责人', value: detail.owner.name },
      { label: '阶段', value: detail.stage },
      { label: '联系人', value: contactWords(detail) },
      { label: '合同', value: contractWords(detail) },
      { label: '待办', value: todoWords(detail) },
      { label: '最近', value: await latestWords(services, viewer, customerId, 2) },
    ]
    return {
      kind: '客户',
      title: detail.name,
      status: '信息',
      facts,
      buttons: buttons(services, customerId),
      link: services.links.h5(routes.customer(customerId)),
    }
  },
  actions,
}

/** 拜访: what one wants to know on the way there. */
export const visitCard: CardTemplate = {
  name: VISIT_CARD,
  async present(services, { customerId = '' }, viewer): Promise<Card> {
    const detail = await customerDetail(services, viewer, customerId)
    const project = detail.projects.find(candidate => candidate.steps.some(step => step.state === 'now'))
    const step = project?.steps.find(candidate => candidate.state === 'now')
    const lead = detail.leads[0]
    const facts: Fact[] = [
      { label: '联系人', value: contactWords(detail) },
      { label: '合同', value: contractWords(detail) },
      { label: '项目', value: project && step ? `${project.title}:${step.name}` : '无进行中项目' },
      { label: '服务', value: '无未结工单和投诉' },
      { label: '待办', value: todoWords(detail) },
      { label: '最近', value: await latestWords(services, viewer, customerId, 3) },
    ]
    return {
      kind: '拜访简报',
      title: detail.name,
      status: '信息',
      facts,
      ...(lead?.interest && {
        note: `关注:${lead.interest}${lead.budgetMinor ? `,预算 ${formatYuanShort(lead.budgetMinor)}` : ''}`,
      }),
      buttons: buttons(services, customerId),
      link: services.links.h5(routes.customer(customerId)),
    }
  },
  actions,
}
