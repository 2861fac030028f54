import type { CustomerDetail, CustomerRow, TimelineEntry } from '../../common/contract/customers.ts'
import type { DeadLetter, Me, PersonRow } from '../../common/contract/people.ts'
import type { TodoRow } from '../../common/contract/todos.ts'
import { caseFixtures } from './miniapp-cases.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Some real-looking people, customers and cases around a given moment; what the mini-app's screens show in their tests. */
export function miniappFixtures(now: number) {
  const people = {
    sales: { id: 'p-li', name: '李明', title: '客户经理' },
    head: { id: 'p-wang', name: '王敏', title: '销售总监' },
    tech: { id: 'p-zhao', name: '赵强', title: '技术总监' },
    finance: { id: 'p-chen', name: '陈静', title: '财务经理' },
    vice: { id: 'p-liu', name: '刘建国', title: '副总经理' },
  }
  const me: Me = {
    person: { ...people.head, departments: ['销售部'], platforms: ['wecom', 'dingtalk'], roles: ['副总'], isAdmin: true },
    companyName: '渝通电信',
    timeZone: 'Asia/Shanghai',
    badges: { approvals: 3, todos: 5 },
    demo: true,
  }
  const todos: TodoRow[] = [
    {
      id: 't1',
      kind: 'approval',
      title: '审批 HT-2026-0041 重庆长安汽车 · 专线扩容',
      subtitle: '金额 620,000.00 元',
      dueAt: null,
      createdAt: now - 2 * HOUR_MS,
      doneAt: null,
      to: '/approvals/c1',
      tickable: false,
    },
    {
      id: 't2',
      kind: 'follow_up',
      title: '跟进线索 重庆长安汽车',
      subtitle: '张伟 · XS-2026-0012',
      dueAt: now + 5 * HOUR_MS,
      createdAt: now - DAY_MS,
      doneAt: null,
      to: '/customers/k1',
      tickable: true,
    },
    {
      id: 't3',
      kind: 'follow_up',
      title: '跟进线索 西南铝业(集团)有限责任公司重庆分公司信息化建设与数据中心运维管理部',
      subtitle: '欧阳锋 · XS-2026-0013',
      dueAt: now - DAY_MS,
      createdAt: now - 3 * DAY_MS,
      doneAt: null,
      to: '/customers/k2',
      tickable: true,
    },
  ]
  const { approvals, approval, forked, stuck, templates, requestForm, processes } = caseFixtures(now, people)
  const customerRow = (index: number): CustomerRow => ({
    id: `k${index}`,
    name: index === 1 ? '重庆长安汽车' : `重庆客户${String(index).padStart(4, '0')}有限公司`,
    stage: index % 3 === 0 ? '已签约' : index % 3 === 1 ? '跟进中' : '潜在',
    owner: people.sales,
    lastActivityAt: now - index * HOUR_MS,
  })
  const customer: CustomerDetail = {
    id: 'k1',
    name: '重庆长安汽车',
    stage: '跟进中',
    source: '销售录入',
    tags: ['重点客户', '制造业'],
    owner: people.sales,
    createdAt: now - 40 * DAY_MS,
    contacts: [
      { id: 'n1', name: '张伟', title: '信息部经理', phone: '13812345678' },
      { id: 'n2', name: '周慧', phone: '139****2211' },
    ],
    figures: { contractTotalMinor: 142_000_000, contractsInApproval: 1, activeProjects: 1, openTodos: 1, openTickets: 0 },
    contracts: [
      {
        id: 'h1',
        number: 'HT-2026-0041',
        title: '专线扩容',
        type: '专线',
        amountMinor: 62_000_000,
        status: '审批中',
        submittedAt: now - 2 * DAY_MS,
        caseId: 'c1',
      },
      {
        id: 'h2',
        number: 'HT-2026-0012',
        title: '总部到两江工厂双路由专线',
        type: '专线',
        amountMinor: 80_000_000,
        status: '已通过',
        submittedAt: now - 30 * DAY_MS,
        caseId: 'c2',
      },
    ],
    projects: [
      {
        id: 'j1',
        contractId: 'h2',
        contractNumber: 'HT-2026-0012',
        title: '总部到两江工厂双路由专线',
        steps: [
          {
            id: 's1',
            name: '合同审批',
            plannedStart: now - 30 * DAY_MS,
            plannedEnd: now - 28 * DAY_MS,
            doneAt: now - 28 * DAY_MS,
            state: 'done',
          },
          {
            id: 's2',
            name: '资源勘察',
            plannedStart: now - 27 * DAY_MS,
            plannedEnd: now - 15 * DAY_MS,
            doneAt: now - 14 * DAY_MS,
            state: 'done',
          },
          {
            id: 's3',
            name: '光缆施工',
            plannedStart: now - 14 * DAY_MS,
            plannedEnd: now - DAY_MS * 2,
            doneAt: null,
            state: 'now',
          },
          { id: 's4', name: '设备部署', plannedStart: now + DAY_MS, plannedEnd: now + 8 * DAY_MS, doneAt: null, state: 'coming' },
          {
            id: 's5',
            name: '开通验收',
            plannedStart: now + 9 * DAY_MS,
            plannedEnd: now + 14 * DAY_MS,
            doneAt: null,
            state: 'coming',
          },
        ],
        can: { advance: true },
      },
    ],
    leads: [],
    todos: todos.slice(1, 2),
    shares: [
      {
        id: 'x1',
        createdAt: now - 3 * DAY_MS,
        expiresAt: now + 27 * DAY_MS,
        revokedAt: null,
        views: 4,
        lastViewedAt: now - 3 * HOUR_MS,
        createdBy: people.sales,
      },
    ],
    spaces: [],
    can: { writeActivity: true, submitContract: true, share: true },
  }
  const timeline: TimelineEntry[] = [
    {
      id: 'e1',
      at: now - 2 * HOUR_MS,
      type: 'activity',
      title: '拜访',
      text: '和张总确认了带宽需求,下周二前给报价。',
      by: people.sales,
    },
    { id: 'e2', at: now - 2 * DAY_MS, type: 'contract', title: '提交合同 HT-2026-0041', by: people.sales, to: '/approvals/c1' },
    { id: 'e3', at: now - 14 * DAY_MS, type: 'project', title: '资源勘察 完成', by: people.tech },
    { id: 'e4', at: now - 400 * DAY_MS, type: 'lead', title: '新建线索 XS-2025-0101', text: '专线', by: people.sales },
  ]
  const rows: PersonRow[] = [
    {
      ...people.head,
      departments: ['销售部'],
      mobileMasked: '138****0001',
      accounts: [{ platform: 'wecom', userId: 'wangmin' }],
      roles: [{ name: '副总', source: 'assigned' }],
      superior: { ...people.vice, source: 'platform' },
      isAdmin: true,
      active: true,
    },
    {
      ...people.sales,
      departments: ['销售部', '重庆大区'],
      mobileMasked: '138****0002',
      accounts: [
        { platform: 'wecom', userId: 'liming' },
        { platform: 'dingtalk', userId: 'u1001' },
      ],
      roles: [],
      superior: { ...people.head, source: 'assigned' },
      isAdmin: false,
      active: true,
    },
    {
      ...people.finance,
      departments: ['财务部'],
      accounts: [{ platform: 'dingtalk', userId: 'u1004' }],
      roles: [{ name: '财务', source: 'title' }],
      superior: null,
      isAdmin: false,
      active: false,
    },
  ]
  const deadLetters: DeadLetter[] = [
    {
      id: 'd1',
      kind: 'effect',
      title: '发给李明的结果通知',
      error: { code: 'channel.unreachable', message: '企业微信没有回应' },
      attempts: 5,
      at: now - HOUR_MS,
    },
  ]
  const cases = { approvals, approval, forked, stuck, templates, requestForm, processes }
  return { people, me, todos, customerRow, customer, timeline, rows, deadLetters, ...cases }
}
