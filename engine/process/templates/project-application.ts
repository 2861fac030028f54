import { common, DAY, template } from './template.ts'

/** 项目申报: 提交 → 初审 → 专家评审 (two thirds) → 财务复核. An incomplete file goes back to the submitter. */
export const projectApplication = template('SB', '提交、初审、专家评审、财务复核', {
  key: 'projectApplication',
  version: 1,
  name: '项目申报',
  fields: {
    title: common.title,
    customerName: { ...common.customerName, label: '申报单位' },
    programme: { type: 'string', label: '申报项目' },
    amountMinor: { ...common.amountMinor, label: '申报金额' },
    dueAt: { type: 'date', label: '截止日期' },
    checkNote: { type: 'string', label: '初审意见' },
    approvedMinor: { type: 'money', label: '核定金额' },
  },
  required: ['title', 'programme', 'amountMinor'],
  targetWorkingSeconds: 5 * DAY,
  nodes: [
    { id: 'start', type: 'start', name: '提交材料', next: 'check' },
    {
      id: 'check',
      type: 'approval',
      name: '初审',
      approvers: [{ type: 'role', role: '项目申报' }],
      mode: { type: 'anyOf' },
      fields: { checkNote: 'edit' },
      onReject: 'submitter',
      timeLimit: { workingSeconds: DAY },
      next: 'experts',
    },
    {
      id: 'experts',
      type: 'approval',
      name: '专家评审',
      approvers: [{ type: 'group', group: '评审专家' }],
      mode: { type: 'vote', sharePercent: 66, earlyEnd: false },
      timeLimit: { workingSeconds: 2 * DAY },
      next: 'finance',
    },
    {
      id: 'finance',
      type: 'approval',
      name: '财务复核',
      approvers: [{ type: 'role', role: '财务' }],
      mode: { type: 'anyOf' },
      fields: { approvedMinor: 'edit' },
      outputs: ['approvedMinor'],
      timeLimit: { workingSeconds: DAY },
      next: 'end',
    },
    { id: 'end', type: 'end', name: '结束' },
  ],
})
