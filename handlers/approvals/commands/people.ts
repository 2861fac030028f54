import {
  approvalAddSignInput,
  approvalCopyInput,
  approvalRemoveSignInput,
  approvalTransferInput,
} from '../../../common/contract/approvals.ts'
import { type CommandContext, defineCommand } from '../../kernel/command.ts'
import { PLACEMENT_WORDS } from '../words.ts'
import { perform, requireColleague } from './perform.ts'

async function colleagues(context: CommandContext, personIds: readonly string[]): Promise<{ people: string[]; names: string }> {
  const organisation = await context.services.organisation.current()
  const people = personIds.map(id => requireColleague(organisation, id))
  return { people: people.map(person => person._id), names: people.map(person => person.name).join('、') }
}

/** 转交 to a colleague who is there. */
export const approvalTransfer = defineCommand({
  name: 'approvals.transfer',
  title: '转交审批',
  input: approvalTransferInput,
  surfaces: ['chat', 'h5'],
  kind: 'decision',
  async run(context, { caseId, taskId, toPersonId, comment }) {
    const target = requireColleague(await context.services.organisation.current(), toPersonId)
    return perform(
      context,
      caseId,
      { type: 'transfer', ...(taskId && { taskId }), to: target._id, ...(comment && { comment }) },
      label => `已将 ${label} 转交给 ${target.name}。`,
    )
  },
})

/** 加签: before, after or beside oneself. */
export const approvalAddSign = defineCommand({
  name: 'approvals.addSign',
  title: '加签',
  input: approvalAddSignInput,
  surfaces: ['chat', 'h5'],
  kind: 'decision',
  async run(context, { caseId, taskId, personIds, placement, comment }) {
    const { people, names } = await colleagues(context, personIds)
    return perform(
      context,
      caseId,
      { type: 'addSign', ...(taskId && { taskId }), people, placement, ...(comment && { comment }) },
      label => `已为 ${label} 加签 ${names}(${PLACEMENT_WORDS[placement] ?? ''})。`,
    )
  },
})

/** 减签: whom one added oneself and who has not voted. */
export const approvalRemoveSign = defineCommand({
  name: 'approvals.removeSign',
  title: '减签',
  input: approvalRemoveSignInput,
  surfaces: ['chat', 'h5'],
  kind: 'decision',
  async run(context, { caseId, taskId, personIds }) {
    const organisation = await context.services.organisation.current()
    const names = personIds.map(id => organisation.name(id)).join('、')
    return perform(
      context,
      caseId,
      { type: 'removeSign', ...(taskId && { taskId }), people: personIds },
      label => `${label} 已减签 ${names}。`,
    )
  },
})

/** 抄送 to colleagues who are to know. */
export const approvalCopy = defineCommand({
  name: 'approvals.copy',
  title: '抄送',
  input: approvalCopyInput,
  surfaces: ['chat', 'h5'],
  kind: 'decision',
  async run(context, { caseId, personIds, comment }) {
    const { people, names } = await colleagues(context, personIds)
    return perform(
      context,
      caseId,
      { type: 'copy', people, ...(comment && { comment }) },
      label => `已将 ${label} 抄送给 ${names}。`,
    )
  },
})
