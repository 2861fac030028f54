import type { ProcessDefinition } from '../definition.ts'

/** Above this amount a contract also goes to the 副总; exactly this amount does not. In 分: 500,000.00 元. */
export const DEPUTY_THRESHOLD_MINOR = 50_000_000

/** 合同审批: 直属上级 → (专线, 集成: 技术) → 财务 → (above 500,000.00 元: 副总). */
export const contractApproval: ProcessDefinition = {
  key: 'contractApproval',
  version: 1,
  name: '合同审批',
  fields: {
    title: { type: 'string', label: '标题' },
    customerName: { type: 'string', label: '客户' },
    type: {
      type: 'enum',
      label: '类型',
      options: [
        { value: '专线', label: '专线' },
        { value: '集成', label: '集成' },
        { value: '其他', label: '其他' },
      ],
    },
    amountMinor: { type: 'money', label: '金额' },
  },
  nodes: [
    { id: 'start', type: 'start', name: '提交', next: 'superior' },
    { id: 'superior', type: 'approval', name: '直属上级审批', approvers: [{ type: 'superior' }], mode: 'anyOf', next: 'byType' },
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
      mode: 'anyOf',
      next: 'finance',
    },
    {
      id: 'finance',
      type: 'approval',
      name: '财务审批',
      approvers: [{ type: 'role', role: '财务' }],
      mode: 'anyOf',
      next: 'byAmount',
    },
    {
      id: 'byAmount',
      type: 'exclusive',
      name: '按金额',
      branches: [{ when: { field: 'amountMinor', op: 'gt', value: DEPUTY_THRESHOLD_MINOR }, next: 'deputy', label: '副总' }],
      otherwise: 'end',
    },
    { id: 'deputy', type: 'approval', name: '副总审批', approvers: [{ type: 'role', role: '副总' }], mode: 'anyOf', next: 'end' },
    { id: 'end', type: 'end', name: '结束' },
  ],
}
