import { approvalCaseInput, approvalCommentInput, approvalWithdrawInput } from '../../../common/contract/approvals.ts'
import { defineCommand } from '../../kernel/command.ts'
import { actAs, labelOf, perform, requireColleague, resultOf } from './perform.ts'

/** 评论, with @ for colleagues who are to read it. */
export const approvalComment = defineCommand({
  name: 'approvals.comment',
  title: '评论',
  input: approvalCommentInput,
  surfaces: ['chat', 'h5'],
  kind: 'decision',
  async run(context, { caseId, text, mentionIds }) {
    const organisation = await context.services.organisation.current()
    const mentions = mentionIds.map(id => requireColleague(organisation, id)._id)
    const step = await actAs(context, caseId, { type: 'comment', text, mentions })
    return resultOf(step, `已评论 ${await labelOf(context, step.after)}。`)
  },
})

/** 撤销同意: take back one's own last decision while nobody has acted on it. */
export const approvalRetract = defineCommand({
  name: 'approvals.retract',
  title: '撤销自己的处理',
  input: approvalCaseInput,
  surfaces: ['chat', 'h5'],
  kind: 'decision',
  run: (context, { caseId }) => perform(context, caseId, { type: 'retract' }, label => `已撤销您对 ${label} 的处理。`),
})

/** 催一下, with a cool-down. */
export const approvalUrge = defineCommand({
  name: 'approvals.urge',
  title: '催办',
  input: approvalCaseInput,
  surfaces: ['chat', 'h5'],
  kind: 'decision',
  async run(context, { caseId }) {
    const step = await actAs(context, caseId, { type: 'urge' })
    const organisation = await context.services.organisation.current()
    const ids = step.effects.flatMap(effect => (effect.type === 'urged' ? effect.personIds : []))
    const names = [...new Set(ids)].map(id => organisation.name(id)).join('、')
    return resultOf(step, `已催办 ${await labelOf(context, step.after)},提醒了 ${names}。`)
  },
})

/** 撤回 by the submitter. */
export const approvalWithdraw = defineCommand({
  name: 'approvals.withdraw',
  title: '撤回审批',
  input: approvalWithdrawInput,
  surfaces: ['chat', 'h5'],
  kind: 'decision',
  async run(context, { caseId, reason }) {
    const step = await actAs(context, caseId, { type: 'withdraw', ...(reason && { reason }) })
    return resultOf(step, `已撤回 ${await labelOf(context, step.after)}。需要时请重新发起。`)
  },
})
