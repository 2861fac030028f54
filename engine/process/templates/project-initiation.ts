import { common, DAY, template } from './template.ts'

/** 项目立项: superiors level by level (依次审批), 财务, and above 1,000,000.00 元 the 副总. */
export const projectInitiation = template('LX', '立项逐级审批,大额加副总', {
  key: 'projectInitiation',
  version: 1,
  name: '项目立项',
  fields: {
    title: common.title,
    customerName: common.customerName,
    amountMinor: { ...common.amountMinor, label: '项目预算' },
    managerId: { type: 'person', label: '项目经理' },
    startAt: { type: 'date', label: '计划开始' },
    note: common.note,
  },
  required: ['title', 'amountMinor'],
  targetWorkingSeconds: 3 * DAY,
  nodes: [
    { id: 'start', type: 'start', name: '提交', next: 'superiors' },
    {
      id: 'superiors',
      type: 'approval',
      name: '逐级审批',
      approvers: [{ type: 'superiors', levels: 2 }],
      mode: { type: 'sequential' },
      timeLimit: { workingSeconds: DAY },
      next: 'finance',
    },
    {
      id: 'finance',
      type: 'approval',
      name: '财务审批',
      approvers: [{ type: 'role', role: '财务' }],
      mode: { type: 'anyOf' },
      timeLimit: { workingSeconds: DAY },
      next: 'byAmount',
    },
    {
      id: 'byAmount',
      type: 'exclusive',
      name: '按预算',
      branches: [{ when: { field: 'amountMinor', op: 'gt', value: 100_000_000 }, next: 'deputy', label: '副总' }],
      otherwise: 'tell',
    },
    {
      id: 'deputy',
      type: 'approval',
      name: '副总审批',
      approvers: [{ type: 'role', role: '副总' }],
      mode: { type: 'anyOf' },
      whenRepeated: 'pass',
      timeLimit: { workingSeconds: DAY },
      next: 'tell',
    },
    {
      id: 'tell',
      type: 'cc',
      name: '通知项目经理',
      people: [{ type: 'memberField', field: 'managerId' }],
      next: 'end',
    },
    { id: 'end', type: 'end', name: '结束' },
  ],
})
