import { common, DAY, options, template } from './template.ts'

/** Every part is about the same customer. */
const about = { customerId: { field: 'customerId' }, customerName: { field: 'customerName' }, title: { field: 'title' } }
const manager = { approvers: [{ type: 'memberField' as const, field: 'managerId' }], whenSubmitter: 'self' as const }
const holders = (role: string) => ({ approvers: [{ type: 'role' as const, role }] })
const anyOf = { mode: { type: 'anyOf' as const }, timeLimit: { workingSeconds: 2 * DAY } }

/**
 * 项目全流程: the twelve stages from 项目报备 to 回款 as one case, which hands the work on by itself. Approvals that have a process of their
 * own run as that process; what people do is a step at which they write down what came of it. A part that is rejected ends the whole.
 */
export const projectLifecycle = template('QC', '从报备到回款十二个环节,一个单子跟到底', {
  key: 'projectLifecycle',
  version: 1,
  name: '项目全流程',
  fields: {
    title: common.title,
    customerName: common.customerName,
    amountMinor: { ...common.amountMinor, label: '预计金额' },
    need: { type: 'string', label: '需求' },
    managerId: { type: 'person', label: '项目经理' },
    type: { type: 'enum', label: '合同类型', options: options('专线', '集成', '其他') },
    contractMinor: { type: 'money', label: '合同金额' },
    survey: { type: 'string', label: '勘察结论' },
    startAt: { type: 'date', label: '进场日期' },
    acceptedAt: { type: 'date', label: '验收日期' },
    paidMinor: { type: 'money', label: '已回款' },
  },
  required: ['title', 'customerName', 'amountMinor', 'need', 'managerId'],
  targetWorkingSeconds: 60 * DAY,
  nodes: [
    { id: 'start', type: 'start', name: '提交', next: 'filing' },
    {
      id: 'filing',
      type: 'subProcess',
      name: '项目报备',
      process: 'projectFiling',
      form: { ...about, amountMinor: { field: 'amountMinor' }, note: { field: 'need' } },
      next: 'review',
    },
    {
      id: 'review',
      type: 'subProcess',
      name: '商机评估',
      process: 'opportunityReview',
      form: { ...about, amountMinor: { field: 'amountMinor' }, need: { field: 'need' } },
      next: 'solution',
    },
    {
      id: 'solution',
      type: 'subProcess',
      name: '技术方案设计与审批',
      process: 'technicalSolution',
      form: { ...about, need: { field: 'need' } },
      next: 'drafting',
    },
    {
      id: 'drafting',
      type: 'handle',
      name: '合同拟定',
      ...manager,
      ...anyOf,
      fields: { type: 'edit', contractMinor: 'edit' },
      outputs: ['type', 'contractMinor'],
      next: 'legal',
    },
    { id: 'legal', type: 'approval', name: '法务审核', ...holders('法务'), ...anyOf, next: 'contract' },
    {
      id: 'contract',
      type: 'subProcess',
      name: '合同多级审批',
      process: 'contractApproval',
      form: { ...about, type: { field: 'type' }, amountMinor: { field: 'contractMinor' } },
      next: 'survey',
    },
    {
      id: 'survey',
      type: 'handle',
      name: '资源勘察',
      ...holders('技术'),
      ...anyOf,
      fields: { survey: 'edit' },
      outputs: ['survey'],
      next: 'scheduling',
    },
    {
      id: 'scheduling',
      type: 'handle',
      name: '工程调度',
      ...manager,
      ...anyOf,
      fields: { startAt: 'edit' },
      outputs: ['startAt'],
      next: 'deployment',
    },
    {
      id: 'deployment',
      type: 'handle',
      name: '设备部署',
      ...holders('技术'),
      ...anyOf,
      timeLimit: { workingSeconds: 20 * DAY },
      next: 'acceptance',
    },
    {
      id: 'acceptance',
      type: 'handle',
      name: '验收',
      ...manager,
      ...anyOf,
      fields: { acceptedAt: 'edit' },
      outputs: ['acceptedAt'],
      next: 'afterSales',
    },
    { id: 'afterSales', type: 'handle', name: '售后交接', ...holders('客服'), ...anyOf, next: 'payment' },
    {
      id: 'payment',
      type: 'handle',
      name: '回款',
      ...holders('财务'),
      ...anyOf,
      timeLimit: { workingSeconds: 30 * DAY },
      fields: { paidMinor: 'edit' },
      outputs: ['paidMinor'],
      next: 'end',
    },
    { id: 'end', type: 'end', name: '结束' },
  ],
})
