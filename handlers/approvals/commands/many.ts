import {
  approvalBatchInput,
  approvalHandOverInput,
  type BatchResult,
  type HandOverResult,
  type ItemResult,
} from '../../../common/contract/approvals.ts'
import { asAppError, InvalidError, NotFoundError } from '../../../common/errors.ts'
import { deriveId } from '../../../common/ids.ts'
import { type CommandContext, defineCommand } from '../../kernel/command.ts'
import { actAs, requireColleague, type Verb } from './perform.ts'

/** Cases of a leaver that one call hands over. */
const HAND_OVER_BATCH = 50

/** Act on each of several cases by itself, under ids that follow from the command's; what fails is told and does not hold up the rest. */
async function actOnEach(
  context: CommandContext,
  items: readonly { caseId: string; taskId?: string | undefined }[],
  verb: (item: { taskId?: string | undefined }) => Verb,
  done: string,
): Promise<ItemResult[]> {
  const { models } = context.services
  const heads = new Map((await models.cases.byIds(items.map(item => item.caseId))).map(head => [head._id, head]))
  const results: ItemResult[] = []
  for (const item of items) {
    const head = heads.get(item.caseId)
    const about = { caseId: item.caseId, number: head?.number ?? '', title: head?.title ?? '' }
    try {
      await actAs(context, item.caseId, verb(item), deriveId(context.commandId, item.caseId, item.taskId ?? ''))
      results.push({ ...about, ok: true, message: done })
    } catch (error) {
      const refused = asAppError(error)
      if (refused.status >= 500) throw error
      // A refusal says nothing of a case that the actor has no part in.
      const known = head?.participantIds.includes(context.actor.personId) || context.actor.isAdmin
      results.push({
        ...(known ? about : { ...about, number: '', title: '' }),
        ok: false,
        message: refused.message,
        code: refused.code,
      })
    }
  }
  return results
}

const tally = (items: readonly ItemResult[], done: string): string => {
  const failed = items.filter(item => !item.ok).length
  return `${done} ${items.length - failed} 个${failed > 0 ? `,${failed} 个没有成功` : ''}。`
}

/** 批量审批: a result per case. */
export const approvalBatch = defineCommand({
  name: 'approvals.batchDecide',
  title: '批量审批',
  input: approvalBatchInput,
  surfaces: ['chat', 'h5'],
  kind: 'decision',
  async run(context, { items, decision, comment }) {
    const isApproval = decision === 'approve'
    if (!isApproval && !comment)
      throw new InvalidError('approval.reason_required', '请写明理由。', { fields: { comment: '请填写理由' } })
    const done = isApproval ? '已同意' : '已拒绝'
    const results = await actOnEach(
      context,
      items,
      ({ taskId }) =>
        isApproval
          ? { type: 'approve', ...(taskId && { taskId }), ...(comment && { comment }) }
          : { type: 'reject', ...(taskId && { taskId }), reason: comment ?? '' },
      done,
    )
    const result: BatchResult = { items: results, message: tally(results, done) }
    return { result, subject: `batch:${results.length}` }
  },
})

/** 离职交接: everything that waits, or will wait, for somebody goes to somebody else; some cases at a time, a result for each. */
export const approvalHandOver = defineCommand({
  name: 'approvals.handOver',
  title: '审批交接',
  input: approvalHandOverInput,
  surfaces: ['admin'],
  kind: 'decision',
  async run(context, { fromPersonId, toPersonId, cursor }) {
    if (fromPersonId === toPersonId) throw new InvalidError('person.same', '交接人和接手人是同一个人。')
    const organisation = await context.services.organisation.current()
    if (!organisation.person(fromPersonId)) throw new NotFoundError('person.unknown', '没有找到要交接的同事。')
    const to = requireColleague(organisation, toPersonId)
    const rows = await context.services.models.cases.seating(fromPersonId, HAND_OVER_BATCH + 1, cursor)
    const batch = rows.slice(0, HAND_OVER_BATCH)
    const done = `已交接给 ${to.name}`
    const items = await actOnEach(
      context,
      batch.map(row => ({ caseId: row._id })),
      () => ({ type: 'handOver', from: fromPersonId, to: to._id }),
      done,
    )
    const result: HandOverResult = {
      items,
      message: items.length === 0 ? '没有需要交接的审批。' : tally(items, done),
      nextCursor: rows.length > batch.length ? (batch.at(-1)?._id ?? null) : null,
    }
    return { result, subject: `person:${fromPersonId}` }
  },
})
