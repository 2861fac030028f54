import { common, DAY, HOUR, options, template } from './template.ts'

/**
 * 投诉处理: 提交 → 客服主管审核 (1 working hour; 60:01 reminds the superior) → 产品质量: 技术支持, 服务态度: 客服经理, else 客服主管 →
 * 抄送直属上级.
 */
export const complaint = template('TS', '客户投诉限时审核、分类处理', {
  key: 'complaint',
  version: 1,
  name: '投诉处理',
  fields: {
    title: { ...common.title, label: '投诉内容' },
    customerName: common.customerName,
    kind: { type: 'enum', label: '投诉类型', options: options('产品质量', '服务态度', '其他') },
    isUrgent: { type: 'boolean', label: '紧急' },
    solution: { type: 'string', label: '处理结果' },
  },
  required: ['title', 'customerName', 'kind'],
  targetWorkingSeconds: DAY,
  nodes: [
    { id: 'start', type: 'start', name: '提交', next: 'review' },
    {
      id: 'review',
      type: 'approval',
      name: '客服主管审核',
      approvers: [{ type: 'role', role: '客服主管' }],
      mode: { type: 'anyOf' },
      fields: { kind: 'edit' },
      onReject: 'submitter',
      timeLimit: {
        workingSeconds: HOUR,
        ladder: [
          { action: 'warn', afterPercent: 80 },
          { action: 'superior', afterPercent: 100 },
          { action: 'transfer', afterPercent: 400 },
        ],
      },
      next: 'byKind',
    },
    {
      id: 'byKind',
      type: 'exclusive',
      name: '按投诉类型',
      branches: [
        { when: { field: 'kind', op: 'eq', value: '产品质量' }, next: 'technical', label: '技术支持' },
        { when: { field: 'kind', op: 'eq', value: '服务态度' }, next: 'manager', label: '客服经理' },
      ],
      otherwise: 'supervisor',
    },
    {
      id: 'technical',
      type: 'handle',
      name: '技术支持处理',
      approvers: [{ type: 'role', role: '技术支持' }],
      mode: { type: 'anyOf' },
      fields: { solution: 'edit' },
      outputs: ['solution'],
      timeLimit: { workingSeconds: 4 * HOUR },
      next: 'tell',
    },
    {
      id: 'manager',
      type: 'handle',
      name: '客服经理处理',
      approvers: [{ type: 'role', role: '客服经理' }],
      mode: { type: 'anyOf' },
      fields: { solution: 'edit' },
      outputs: ['solution'],
      timeLimit: { workingSeconds: 4 * HOUR },
      next: 'tell',
    },
    {
      id: 'supervisor',
      type: 'handle',
      name: '客服主管处理',
      approvers: [{ type: 'role', role: '客服主管' }],
      mode: { type: 'anyOf' },
      fields: { solution: 'edit' },
      outputs: ['solution'],
      timeLimit: { workingSeconds: 4 * HOUR },
      next: 'tell',
    },
    { id: 'tell', type: 'cc', name: '抄送直属上级', people: [{ type: 'superior' }], next: 'end' },
    { id: 'end', type: 'end', name: '结束' },
  ],
})
