import { common, HOUR, template } from './template.ts'

/** VIP 例外申请: the front line asks instead of refusing; 直属上级, then whom the superior names, then above 50,000.00 元 the 副总. */
export const vipException = template('VIP', '一线可为重要客户申请例外', {
  key: 'vipException',
  version: 1,
  name: 'VIP 例外申请',
  fields: {
    title: { ...common.title, label: '客户要求' },
    customerName: common.customerName,
    amountMinor: { ...common.amountMinor, label: '涉及金额' },
    reason: { type: 'string', label: '申请理由' },
  },
  required: ['title', 'customerName', 'reason', 'amountMinor'],
  targetWorkingSeconds: 4 * HOUR,
  nodes: [
    { id: 'start', type: 'start', name: '提交', next: 'superior' },
    {
      id: 'superior',
      type: 'approval',
      name: '直属上级审批',
      approvers: [{ type: 'superior' }],
      mode: { type: 'anyOf' },
      timeLimit: { workingSeconds: 2 * HOUR },
      next: 'byAmount',
    },
    {
      id: 'byAmount',
      type: 'exclusive',
      name: '按涉及金额',
      branches: [{ when: { field: 'amountMinor', op: 'gt', value: 5_000_000 }, next: 'deputy', label: '副总' }],
      otherwise: 'tell',
    },
    {
      id: 'deputy',
      type: 'approval',
      name: '副总审批',
      approvers: [{ type: 'role', role: '副总' }],
      mode: { type: 'anyOf' },
      whenRepeated: 'pass',
      timeLimit: { workingSeconds: 2 * HOUR },
      next: 'tell',
    },
    { id: 'tell', type: 'cc', name: '抄送财务', people: [{ type: 'role', role: '财务' }], next: 'end' },
    { id: 'end', type: 'end', name: '结束' },
  ],
})
