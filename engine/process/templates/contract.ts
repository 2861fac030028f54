import type { Rung } from '../time-limit.ts'
import { common, HOUR, options, template } from './template.ts'

/** Above this amount a contract also goes to the 副总; exactly this amount does not. In 分: 500,000.00 元. */
export const DEPUTY_THRESHOLD_MINOR = 50_000_000

/** Nobody's contract goes elsewhere by itself: the approver and the superior hear that it is late. */
const ladder: Rung[] = [
  { action: 'warn', afterPercent: 80 },
  { action: 'remind', afterPercent: 100 },
  { action: 'superior', afterPercent: 200 },
]
const timeLimit = { workingSeconds: 4 * HOUR, ladder }

/** 合同审批: 直属上级 → (专线, 集成: 技术) → 财务 → (above 500,000.00 元: 副总). The target is 8 hours from submission to the end. */
export const contractApproval = template('HT', '合同按类型和金额逐级审批', {
  key: 'contractApproval',
  version: 1,
  name: '合同审批',
  fields: {
    title: common.title,
    customerName: common.customerName,
    type: { type: 'enum', label: '类型', options: options('专线', '集成', '其他') },
    amountMinor: common.amountMinor,
  },
  required: ['title', 'customerName', 'type', 'amountMinor'],
  targetWorkingSeconds: 8 * HOUR,
  nodes: [
    { id: 'start', type: 'start', name: '提交', next: 'superior' },
    {
      id: 'superior',
      type: 'approval',
      name: '直属上级审批',
      approvers: [{ type: 'superior' }],
      mode: { type: 'anyOf' },
      timeLimit,
      next: 'byType',
    },
    {
      id: 'byType',
      type: 'exclusive',
      name: '按类型',
      branches: [{ when: { field: 'type', op: 'in', value: ['专线', '集成'] }, next: 'technical', label: '技术' }],
      otherwise: 'finance',
    },
    {
      id: 'technical',
      type: 'approval',
      name: '技术审批',
      approvers: [{ type: 'role', role: '技术' }],
      mode: { type: 'anyOf' },
      timeLimit,
      next: 'finance',
    },
    {
      id: 'finance',
      type: 'approval',
      name: '财务审批',
      approvers: [{ type: 'role', role: '财务' }],
      mode: { type: 'anyOf' },
      timeLimit,
      next: 'byAmount',
    },
    {
      id: 'byAmount',
      type: 'exclusive',
      name: '按金额',
      branches: [{ when: { field: 'amountMinor', op: 'gt', value: DEPUTY_THRESHOLD_MINOR }, next: 'deputy', label: '副总' }],
      otherwise: 'end',
    },
    {
      id: 'deputy',
      type: 'approval',
      name: '副总审批',
      approvers: [{ type: 'role', role: '副总' }],
      mode: { type: 'anyOf' },
      timeLimit,
      next: 'end',
    },
    { id: 'end', type: 'end', name: '结束' },
  ],
})
