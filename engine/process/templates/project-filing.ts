import { common, DAY, options, template } from './template.ts'

/** 项目报备: 直属上级 → 抄送技术. Tells early who pursues what, so that nobody chases the same project twice. */
export const projectFiling = template('BB', '跟进中的项目先报备,避免撞单', {
  key: 'projectFiling',
  version: 1,
  name: '项目报备',
  fields: {
    title: common.title,
    customerName: common.customerName,
    industry: { type: 'enum', label: '行业', options: options('制造', '政企', '金融', '教育', '医疗', '其他') },
    amountMinor: { ...common.amountMinor, label: '预计金额' },
    note: common.note,
  },
  required: ['title', 'customerName', 'amountMinor'],
  targetWorkingSeconds: DAY,
  nodes: [
    { id: 'start', type: 'start', name: '提交', next: 'superior' },
    {
      id: 'superior',
      type: 'approval',
      name: '直属上级确认',
      approvers: [{ type: 'superior' }],
      mode: { type: 'anyOf' },
      timeLimit: { workingSeconds: DAY },
      next: 'tell',
    },
    { id: 'tell', type: 'cc', name: '抄送技术', people: [{ type: 'role', role: '技术' }], next: 'end' },
    { id: 'end', type: 'end', name: '结束' },
  ],
})
