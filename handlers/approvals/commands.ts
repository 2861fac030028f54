import {
  type ApprovalResult,
  approvalCaseInput,
  approvalDecideInput,
  approvalTransferInput,
} from '../../common/contract/approvals.ts'
import { InvalidError, NotFoundError } from '../../common/errors.ts'
import type { ProcessEvent } from '../../engine/process/index.ts'
import { CASE_STATUS, type CaseStep } from '../kernel/case-subject.ts'
import { type CommandContext, type CommandOutcome, defineCommand } from '../kernel/command.ts'
import { act } from './act.ts'
import { factsOf } from './definitions.ts'

type Without<Event, Key extends PropertyKey> = Event extends unknown ? Omit<Event, Key> : never
type Verb = Without<ProcessEvent, 'by' | 'via'>

/** Commit an event of this actor; `by` and `via` come from the context. */
const actAs = (context: CommandContext, caseId: string, event: Verb): Promise<CaseStep> =>
  act(context.services, {
    caseId,
    actor: context.actor,
    commandId: context.commandId,
    via: context.via,
    event: { ...event, by: context.actor.personId, via: context.via } as ProcessEvent,
  })

async function outcome(context: CommandContext, step: CaseStep, message: string): Promise<CommandOutcome<ApprovalResult>> {
  const organisation = await context.services.organisation.current()
  const next = step.after.openTasks[0]
  const then =
    step.after.status === 'running' && next
      ? `下一步:${next.name}(${next.assigneeIds.map(id => organisation.name(id)).join('、')})。`
      : step.after.status === 'approved'
        ? '审批已全部通过。'
        : ''
  return {
    result: { caseId: step.caseId, status: CASE_STATUS[step.after.status], message: `${message}${then}` },
    subject: `case:${step.caseId}`,
  }
}

const label = (context: CommandContext, step: CaseStep): string => {
  const { number, title } = factsOf(context.services, step.after)
  return `${number} ${title}`
}

/** 同意 / 拒绝. @throws `approval.already_decided` with the committed state when somebody was faster */
export const approvalDecide = defineCommand({
  name: 'approvals.decide',
  title: '审批',
  input: approvalDecideInput,
  surfaces: ['chat', 'card', 'h5'],
  kind: 'decision',
  async run(context, input) {
    const task = { ...(input.taskId && { taskId: input.taskId }) }
    const step = await actAs(
      context,
      input.caseId,
      input.decision === 'approve'
        ? { type: 'approve', ...task, ...(input.comment && { comment: input.comment }) }
        : { type: 'reject', ...task, reason: input.comment ?? '' },
    )
    return outcome(context, step, `已${input.decision === 'approve' ? '同意' : '拒绝'} ${label(context, step)}。`)
  },
})

/** 转交 to a colleague who is there. */
export const approvalTransfer = defineCommand({
  name: 'approvals.transfer',
  title: '转交审批',
  input: approvalTransferInput,
  surfaces: ['chat', 'h5'],
  kind: 'decision',
  async run(context, input) {
    const organisation = await context.services.organisation.current()
    const target = organisation.person(input.toPersonId)
    if (!target) throw new NotFoundError('person.unknown', '没有找到这位同事。')
    if (!target.active) throw new InvalidError('person.inactive', `${target.name} 已不在岗,请转交给其他同事。`)
    const comment = { ...(input.comment && { comment: input.comment }) }
    const step = await actAs(context, input.caseId, { type: 'transfer', to: target._id, ...comment })
    return outcome(context, step, `已将 ${label(context, step)} 转交给 ${target.name}。`)
  },
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
    const names = (step.after.openTasks[0]?.assigneeIds ?? []).map(id => organisation.name(id)).join('、')
    return {
      result: { caseId, status: CASE_STATUS[step.after.status], message: `已催办 ${label(context, step)},提醒了 ${names}。` },
      subject: `case:${caseId}`,
    }
  },
})

/** 撤回 by the submitter. */
export const approvalWithdraw = defineCommand({
  name: 'approvals.withdraw',
  title: '撤回审批',
  input: approvalCaseInput,
  surfaces: ['chat', 'h5'],
  kind: 'decision',
  async run(context, { caseId }) {
    const step = await actAs(context, caseId, { type: 'withdraw' })
    return outcome(context, step, `已撤回 ${label(context, step)}。需要时请重新提交。`)
  },
})
