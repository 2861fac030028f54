import { approvalDecideInput, approvalResubmitInput, approvalReturnInput } from '../../../common/contract/approvals.ts'
import { findNode } from '../../../engine/process/index.ts'
import { defineCommand } from '../../kernel/command.ts'
import { readCase } from '../act.ts'
import { definitionOf } from '../definitions.ts'
import { perform, readEdits } from './perform.ts'

/** 同意 / 拒绝 / 完成. @throws `approval.already_decided` with the committed state when somebody was faster */
export const approvalDecide = defineCommand({
  name: 'approvals.decide',
  title: '审批',
  input: approvalDecideInput,
  surfaces: ['chat', 'card', 'h5'],
  kind: 'decision',
  async run(context, { caseId, taskId, decision, comment, edits, choices }) {
    const task = { ...(taskId && { taskId }) }
    if (decision === 'reject') {
      return perform(context, caseId, { type: 'reject', ...task, reason: comment ?? '' }, label => `已拒绝 ${label}。`)
    }
    return perform(
      context,
      caseId,
      {
        type: 'approve',
        ...task,
        ...(comment && { comment }),
        ...(await readEdits(context, caseId, edits)),
        ...(choices && { choices }),
      },
      (label, { effects }) =>
        `${effects.some(effect => effect.type === 'voted' && effect.outcome === 'done') ? '已完成' : '已同意'} ${label}。`,
    )
  },
})

/** 退回 to an earlier step; to the submitter when none is named. */
export const approvalReturn = defineCommand({
  name: 'approvals.return',
  title: '退回',
  input: approvalReturnInput,
  surfaces: ['chat', 'h5'],
  kind: 'decision',
  async run(context, { caseId, taskId, to, reason, resume }) {
    const definition = await definitionOf(context.services, await readCase(context.services, caseId))
    const target = to ?? definition.nodes.find(node => node.type === 'start')?.id ?? ''
    const name = findNode(definition, target)?.type === 'start' ? '提交人' : (findNode(definition, target)?.name ?? target)
    return perform(
      context,
      caseId,
      { type: 'return', ...(taskId && { taskId }), to: target, reason, resume },
      label => `已将 ${label} 退回到${name}。`,
    )
  },
})

/** 重新提交 after a return. */
export const approvalResubmit = defineCommand({
  name: 'approvals.resubmit',
  title: '重新提交',
  input: approvalResubmitInput,
  surfaces: ['chat', 'h5'],
  kind: 'decision',
  async run(context, { caseId, edits, comment, choices }) {
    const { edits: form } = await readEdits(context, caseId, edits)
    return perform(
      context,
      caseId,
      { type: 'resubmit', ...(form && { form }), ...(comment && { comment }), ...(choices && { choices }) },
      label => `已重新提交 ${label}。`,
    )
  },
})
