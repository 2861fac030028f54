import { common, DAY, template } from './template.ts'

/** 技术方案: 技术 writes it down, then all of 技术 and the submitter's superior sign (会签). A rejection goes back to the submitter. */
export const technicalSolution = template('FA', '方案设计后会签,不通过退回修改', {
  key: 'technicalSolution',
  version: 1,
  name: '技术方案',
  fields: {
    title: common.title,
    customerName: common.customerName,
    need: { type: 'string', label: '需求' },
    solution: { type: 'string', label: '方案要点' },
  },
  required: ['title', 'customerName', 'need'],
  targetWorkingSeconds: 3 * DAY,
  nodes: [
    { id: 'start', type: 'start', name: '提交', next: 'design' },
    {
      id: 'design',
      type: 'handle',
      name: '方案设计',
      approvers: [{ type: 'role', role: '技术' }],
      mode: { type: 'anyOf' },
      fields: { solution: 'edit' },
      outputs: ['solution'],
      timeLimit: { workingSeconds: 2 * DAY },
      next: 'sign',
    },
    {
      id: 'sign',
      type: 'approval',
      name: '方案会签',
      approvers: [{ type: 'superior' }, { type: 'role', role: '技术' }],
      mode: { type: 'countersign' },
      onReject: 'submitter',
      inputs: ['solution'],
      timeLimit: { workingSeconds: DAY },
      next: 'end',
    },
    { id: 'end', type: 'end', name: '结束' },
  ],
})
