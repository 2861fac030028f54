import {
  type CustomerDetail,
  customerGetInput,
  customerTimelineInput,
  type TimelineEntry,
} from '../../common/contract/customers.ts'
import type { LeadRow } from '../../common/contract/leads.ts'
import type { Page } from '../../common/contract/page.ts'
import { canSee, maskPhone, scopeFilter, type Viewer } from '../../engine/policy/index.ts'
import type { LeadDoc } from '../../models/leads/index.ts'
import { defineQuery } from '../kernel/command.ts'
import { asPage, decodeCursor } from '../kernel/cursor.ts'
import type { Services } from '../kernel/services.ts'
import { visibleCustomer } from '../kernel/visible-customer.ts'
import type { Organisation } from '../people/organisation.ts'
import { projectView } from '../projects/index.ts'
import { spaceRow } from '../spaces/index.ts'
import { todoRow } from '../todos/index.ts'

export const leadRow = (lead: LeadDoc, organisation: Organisation): LeadRow => ({
  id: lead._id,
  number: lead.number,
  company: lead.company,
  contact: lead.contact,
  ...(lead.interest && { interest: lead.interest }),
  ...(lead.budgetMinor !== undefined && { budgetMinor: lead.budgetMinor }),
  status: lead.status,
  createdAt: lead.createdAt.getTime(),
  owner: organisation.ref(lead.ownerId),
  customerId: lead.customerId,
})

/** Customer 360: everything the asker may see of one customer, each block read through its own scope. */
export async function customerDetail(services: Services, viewer: Viewer, customerId: string): Promise<CustomerDetail> {
  const customer = await visibleCustomer(services, viewer, customerId)
  const { models } = services
  const [contacts, contracts, projects, leads, todos, shares, spaces, organisation] = await Promise.all([
    models.contacts.ofCustomer(customerId),
    models.contracts.ofCustomer(customerId, scopeFilter(viewer, 'contracts')),
    models.projects.ofCustomer(customerId),
    models.leads.ofCustomer(customerId, scopeFilter(viewer, 'leads')),
    models.todos.ofCustomer(customerId),
    models.shares.ofCustomer(customerId),
    models.spaces.ofCustomer(customerId),
    services.organisation.current(),
  ])
  const seen = contracts.filter(contract => contract.status !== '已撤回')
  const visibleProjects = projects.filter(project => canSee(viewer, 'projects', project))
  const openTodos = todos.filter(todo => todo.assigneeId === viewer.personId || viewer.subtreePersonIds.includes(todo.assigneeId))
  const mayCall = viewer.subtreePersonIds.includes(customer.ownerId)
  return {
    id: customer._id,
    name: customer.name,
    stage: customer.stage,
    source: customer.source,
    tags: customer.tags,
    owner: organisation.ref(customer.ownerId),
    createdAt: customer.createdAt.getTime(),
    contacts: contacts.map(contact => ({
      id: contact._id,
      name: contact.name,
      ...(contact.title && { title: contact.title }),
      phone: mayCall ? contact.phone : maskPhone(contact.phone),
    })),
    figures: {
      contractTotalMinor: seen
        .filter(contract => contract.status === '已通过')
        .reduce((sum, contract) => sum + contract.amountMinor, 0),
      contractsInApproval: seen.filter(contract => contract.status === '审批中').length,
      activeProjects: visibleProjects.filter(project => project.steps.some(step => !step.doneAt)).length,
      openTodos: openTodos.length,
      openTickets: 0,
    },
    contracts: contracts.map(contract => ({
      id: contract._id,
      number: contract.number,
      title: contract.title,
      type: contract.type,
      amountMinor: contract.amountMinor,
      status: contract.status,
      submittedAt: contract.submittedAt.getTime(),
      caseId: contract.caseId,
    })),
    projects: visibleProjects.map(project =>
      projectView(
        project,
        contracts.find(contract => contract._id === project.contractId),
        viewer,
      ),
    ),
    leads: leads.map(lead => leadRow(lead, organisation)),
    todos: openTodos.map(todoRow),
    shares: shares.map(share => ({
      id: share._id.slice(0, 12),
      createdAt: share.createdAt.getTime(),
      expiresAt: share.expiresAt.getTime(),
      revokedAt: share.revokedAt?.getTime() ?? null,
      views: share.views,
      lastViewedAt: share.lastViewedAt?.getTime() ?? null,
      createdBy: organisation.ref(share.createdBy),
    })),
    spaces: spaces.map(space => spaceRow(space, organisation)),
    can: { writeActivity: true, submitContract: true, share: true },
  }
}

export const customerGet = defineQuery({
  name: 'customers.get',
  title: '客户 360',
  input: customerGetInput,
  surfaces: ['chat', 'h5'],
  run: ({ services, viewer }, { customerId }) => customerDetail(services, viewer, customerId),
})

export const customerTimeline = defineQuery({
  name: 'customers.timeline',
  title: '客户动态',
  input: customerTimelineInput,
  surfaces: ['h5'],
  async run({ services, viewer }, { customerId, type, cursor, limit }): Promise<Page<TimelineEntry>> {
    await visibleCustomer(services, viewer, customerId)
    const rows = await services.models.timeline.page(customerId, type, viewer.subtreePersonIds, limit + 1, decodeCursor(cursor))
    const organisation = await services.organisation.current()
    return asPage(
      rows,
      limit,
      row => ({ at: row.at.getTime(), id: row._id }),
      row => ({
        id: row._id,
        at: row.at.getTime(),
        type: row.type,
        title: row.title,
        ...(row.text && { text: row.text }),
        by: row.byId ? organisation.ref(row.byId) : null,
        ...(row.to && { to: row.to }),
      }),
    )
  },
})
