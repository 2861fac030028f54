import type { ApprovalCan, ApprovalDetail, ApprovalRow, PathStep, StuckCase } from '../../common/contract/approvals.ts'
import type { PersonRef } from '../../common/contract/people.ts'
import type { ProcessVersionRow } from '../../common/contract/processes.ts'
import type { RequestFormView, RequestTemplate } from '../../common/contract/requests.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export const NOTHING: ApprovalCan = {
  approve: false,
  reject: false,
  return: false,
  transfer: false,
  addSign: false,
  removeSign: false,
  comment: false,
  copy: false,
  retract: false,
  resubmit: false,
  withdraw: false,
  urge: false,
  rescue: false,
}

type People = Record<'sales' | 'head' | 'tech' | 'finance' | 'vice', PersonRef>

let serial = 0
const step = (name: string, people: PersonRef[], more: Partial<PathStep> = {}): PathStep => {
  serial += 1
  return { id: `e${serial}`, kind: 'approval', name, state: 'coming', people, transfers: [], branches: [], ...more }
}

/** A contract half-way, a solution with three branches side by side, what an admin sees, and what may be begun. */
export function caseFixtures(now: number, people: People) {
  const row = (more: Partial<ApprovalRow>): ApprovalRow => ({
    caseId: 'c1',
    kind: '合同审批',
    number: 'HT-2026-0041',
    title: '专线扩容',
    customerName: '重庆长安汽车',
    keyFact: '620,000.00 元',
    status: '审批中',
    submitter: people.sales,
    submittedAt: now - 2 * DAY_MS,
    ...more,
  })
  const approvals: ApprovalRow[] = [
    row({ nodeName: '副总审批' }),
    row({
      caseId: 'c2',
      number: 'HT-2026-0040',
      title: '园区网络集成',
      customerName: '西南铝业(集团)有限责任公司',
      keyFact: '1,234,567.89 元',
      status: '已通过',
      submittedAt: now - 9 * DAY_MS,
    }),
    row({
      caseId: 'c3',
      kind: '跨部门定制方案',
      number: 'DZ-2026-0039',
      title: '机房搬迁',
      customerName: '两江新区政务中心',
      keyFact: '80,000.00 元',
      status: '已终止',
      submittedAt: now - 20 * DAY_MS,
    }),
  ]
  const common = {
    caseId: 'c1',
    status: '审批中' as const,
    incidents: [],
    customer: { id: 'k1', name: '重庆长安汽车', open: true },
    submitter: people.sales,
    submittedAt: now - 2 * DAY_MS,
    attachments: [],
    remarks: [],
    copied: [],
    handOffs: 3,
    openTasks: [],
    recentReasons: ['价格偏低,请重新报价', '附件缺少盖章页'],
  }
  const approval: ApprovalDetail = {
    ...common,
    kind: '合同审批',
    number: 'HT-2026-0041',
    title: '专线扩容',
    facts: [
      { label: '金额', value: '620,000.00 元(62 万)', note: '人民币陆拾贰万元整' },
      { label: '类型', value: '专线' },
    ],
    attachments: [{ id: 'f1', name: '专线扩容合同(盖章前最终版)2026-11-19.pdf', sizeBytes: 842_133, type: 'application/pdf' }],
    remarks: [{ by: people.tech, at: now - 20 * HOUR_MS, text: '价格表以附件为准 @王敏', via: '钉钉' }],
    copied: [people.vice],
    path: [
      step('提交', [people.sales], {
        kind: 'start',
        state: 'done',
        outcome: '提交',
        enteredAt: now - 2 * DAY_MS,
        leftAt: now - 2 * DAY_MS,
        via: '企业微信',
      }),
      step('直属上级', [people.head], {
        state: 'done',
        outcome: '同意',
        comment: '价格已和客户谈妥,尽快走完。',
        enteredAt: now - 2 * DAY_MS,
        leftAt: now - 45 * HOUR_MS,
        waitedMs: 3 * HOUR_MS,
        via: '企业微信',
      }),
      step('技术审批', [people.tech], {
        state: 'done',
        outcome: '同意',
        reason: '类型 专线 → 技术',
        enteredAt: now - 45 * HOUR_MS,
        leftAt: now - 30 * HOUR_MS,
        waitedMs: 15 * HOUR_MS,
        via: '钉钉',
        transfers: [{ from: people.head, to: people.tech, at: now - 40 * HOUR_MS, why: '转交' }],
      }),
      step('财务审批', [people.finance, people.head], {
        state: 'now',
        enteredAt: now - 30 * HOUR_MS,
        deadline: { dueAt: now + HOUR_MS, leftWorkingSeconds: 3600, provisional: false },
      }),
      step('副总审批', [people.vice], { reason: '金额 620,000.00 > 500,000.00 → 副总' }),
    ],
    can: { ...NOTHING, approve: true, reject: true, return: true, transfer: true, addSign: true, comment: true, copy: true },
    task: {
      taskId: 'c1-3',
      kind: 'approval',
      name: '财务审批',
      fields: [],
      choices: [],
      returnTo: [
        { nodeId: 'start', name: '提交人' },
        { nodeId: 'technical', name: '技术审批' },
      ],
      added: [],
    },
  }
  const branch = (name: string) => ({ branches: [{ group: 'fork', name }] })
  const forked: ApprovalDetail = {
    ...common,
    caseId: 'c-fork',
    kind: '跨部门定制方案',
    number: 'DZ-2026-0007',
    title: '专线加云的定制组网',
    facts: [{ label: '定制需求', value: '总部双路由,分支上云' }],
    path: [
      step('提交', [people.sales], {
        kind: 'start',
        state: 'done',
        outcome: '提交',
        enteredAt: now - DAY_MS,
        leftAt: now - DAY_MS,
      }),
      step('商务条款', [people.head], {
        kind: 'handle',
        state: 'done',
        outcome: '完成',
        enteredAt: now - DAY_MS,
        leftAt: now - 20 * HOUR_MS,
        waitedMs: 4 * HOUR_MS,
        ...branch('销售'),
      }),
      step('技术支持方案', [people.tech], { kind: 'handle', state: 'now', enteredAt: now - DAY_MS, ...branch('技术') }),
      step('财务会签', [people.finance, people.vice], {
        state: 'now',
        enteredAt: now - DAY_MS,
        tally: '会签 1/2 已同意',
        seats: [
          { person: people.finance, state: '同意', depth: 0, decidedAt: now - 2 * HOUR_MS, comment: '可以结算', via: '企业微信' },
          { person: people.vice, state: '待处理', depth: 1, added: { how: '后加签', by: people.finance } },
        ],
        deadline: { dueAt: now - HOUR_MS, leftWorkingSeconds: -3600, provisional: true },
        ...branch('财务'),
      }),
      step('整体审批', [people.vice]),
    ],
    can: { ...NOTHING, approve: true, transfer: true },
    task: {
      taskId: 'c-fork-3',
      kind: 'handle',
      name: '技术支持方案',
      fields: [{ name: 'support', label: '技术支持方案', type: 'string', isRequired: true }],
      choices: [{ nodeId: 'whole', name: '整体审批' }],
      returnTo: [],
      added: [],
    },
  }
  const stuck: StuckCase[] = [
    {
      caseId: 'c7',
      kind: '项目报备',
      number: 'BB-2026-0003',
      submitter: people.sales,
      since: now - DAY_MS,
      nodeName: '法务审批',
      why: '没有人担任 法务',
      entryId: 'c7-2',
      options: ['assign', 'retry', 'terminate'],
      nodes: [],
      fields: [],
    },
  ]
  const templates: RequestTemplate[] = [
    {
      key: 'customSolution',
      name: '跨部门定制方案',
      about: '销售、技术、财务并行,最后汇总',
      steps: ['商务条款 ∥ 技术支持方案 ∥ 财务结算', '整体审批'],
      to: '/requests/new/customSolution',
    },
    {
      key: 'contractApproval',
      name: '合同审批',
      about: '合同按类型和金额逐级审批',
      steps: ['直属上级审批', '财务审批'],
      to: '/contracts/new',
    },
  ]
  const requestForm: RequestFormView = {
    key: 'customSolution',
    name: '跨部门定制方案',
    version: 1,
    customer: 'required',
    choices: [],
    fields: [
      { name: 'title', label: '标题', type: 'string', isRequired: true },
      { name: 'amountMinor', label: '结算金额', type: 'money', isRequired: true },
      {
        name: 'urgency',
        label: '紧急程度',
        type: 'enum',
        isRequired: false,
        options: [
          { value: '普通', label: '普通' },
          { value: '紧急', label: '紧急' },
        ],
      },
      { name: 'isOnSite', label: '需要驻场', type: 'boolean', isRequired: false },
      { name: 'startAt', label: '计划开始', type: 'date', isRequired: false },
      { name: 'managerId', label: '项目经理', type: 'person', isRequired: false },
    ],
  }
  const processes: ProcessVersionRow[] = [
    {
      key: 'customSolution',
      version: 2,
      name: '跨部门定制方案',
      state: 'published',
      publishedAt: now - DAY_MS,
      publishedBy: people.head,
      running: 1,
    },
    { key: 'customSolution', version: 1, name: '跨部门定制方案', state: 'retired', publishedAt: now - 30 * DAY_MS, running: 2 },
  ]
  return { approvals, approval, forked, stuck, templates, requestForm, processes }
}
