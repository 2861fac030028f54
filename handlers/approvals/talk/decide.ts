import type { BatchResult } from '../../../common/contract/approvals.ts'
import type { Command } from '../../kernel/command.ts'
import { routes } from '../../kernel/links.ts'
import { type Reply, say } from '../../kernel/reply.ts'
import type { Turn } from '../../kernel/turn.ts'
import type { IntentOf } from '../../talk/understand/index.ts'
import { approvalBatch, approvalDecide, approvalReturn } from '../commands/index.ts'
import { handling, line, MAX_LIST, pickCase, remember, taskToHandle, waiting } from './pick.ts'
import { answerByWord, runByWord } from './run.ts'

const NOTHING = '没有等您处理的审批。'
/** An offer to decide on all at once is good for this long. */
const OFFER_MS = 10 * 60_000
const APPROVE_ALL = 'approveAll'

/** 我的审批 */
export async function listApprovals(turn: Turn): Promise<Reply> {
  const rows = await turn.services.models.cases.page('waiting', turn.person._id, MAX_LIST + 1)
  if (rows.length === 0) return say(`${NOTHING}\n我发起的审批:${turn.services.links.h5(`${routes.approvals}?box=submitted`)}`)
  const shown = rows.slice(0, MAX_LIST)
  await remember(turn, shown)
  const total = await turn.services.models.cases.countWaiting(turn.person._id)
  const more = total > shown.length ? `\n还有 ${total - shown.length} 个:${turn.services.links.h5(routes.approvals)}` : ''
  return say(`等您处理的审批 ${total} 个:\n${shown.map(line).join('\n')}${more}\n回复"同意 1"或"拒绝 1 理由"即可处理。`)
}

/** 同意 [编号] */
export async function approveByWord(turn: Turn, intent: IntentOf<'approval.approve'>): Promise<Reply> {
  const pick = await pickCase(turn, intent.ref, waiting, NOTHING, '同意')
  if ('reply' in pick) return pick.reply
  const comment = { ...(intent.comment && { comment: intent.comment }) }
  return answerByWord(turn, approvalDecide as Command, { caseId: pick.caseId, decision: 'approve', ...comment })
}

/** 完成 [编号] [说明]: a step of handling is done. An approval is never passed by this word. */
export async function finishByWord(turn: Turn, intent: IntentOf<'approval.finish'>): Promise<Reply> {
  const pick = await pickCase(turn, intent.ref, handling, '没有等您办理的事项。', '完成')
  if ('reply' in pick) return pick.reply
  const head = await turn.services.models.cases.byId(pick.caseId)
  const task = head && taskToHandle(head.state, turn.person._id)
  if (head && !task) {
    const number = head.number
    if (!head.waitingIds.includes(turn.person._id)) return say(`${number} 没有等您办理的步骤。发送"我的审批"查看等您处理的。`)
    return say(`${number} 等您审批,不是办理。请回复:同意 ${number},或:拒绝 ${number} 理由`)
  }
  const input = {
    caseId: pick.caseId,
    taskId: task?.taskId,
    decision: 'approve',
    ...(intent.comment && { comment: intent.comment }),
  }
  return answerByWord(turn, approvalDecide as Command, input)
}

/** 拒绝 [编号] <理由>; without a reason it is asked for on H5, and by word. */
export async function rejectByWord(turn: Turn, intent: IntentOf<'approval.reject'>): Promise<Reply> {
  const pick = await pickCase(turn, intent.ref, waiting, NOTHING, '拒绝')
  if ('reply' in pick) return pick.reply
  if (!intent.reason) return askReason(turn, pick.caseId, '拒绝', 'reject')
  return answerByWord(turn, approvalDecide as Command, { caseId: pick.caseId, decision: 'reject', comment: intent.reason })
}

/** 退回 [编号] <理由>: to the submitter; to a step in between on the page. */
export async function returnByWord(turn: Turn, intent: IntentOf<'approval.return'>): Promise<Reply> {
  const pick = await pickCase(turn, intent.ref, waiting, NOTHING, '退回')
  if ('reply' in pick) return pick.reply
  if (!intent.reason) return askReason(turn, pick.caseId, '退回', 'return')
  return answerByWord(turn, approvalReturn as Command, { caseId: pick.caseId, reason: intent.reason })
}

async function askReason(turn: Turn, caseId: string, verb: string, act: string): Promise<Reply> {
  const head = await turn.services.models.cases.byId(caseId)
  const page = turn.services.links.h5(routes.act(caseId, act))
  return say(`${verb}需要写明理由。请打开 ${page} 填写,或回复:${verb} ${head?.number ?? ''} 理由`)
}

/** 全部同意: shows what it would be, and waits for 确认. */
export async function offerApproveAll(turn: Turn): Promise<Reply> {
  const { cases, talk } = turn.services.models
  const { list } = await talk.dialogue(turn.person._id)
  const listed = new Set(list?.kind === 'approval' ? list.items.map(item => item.id) : [])
  const all = await waiting(turn)
  const rows = listed.size > 0 ? all.filter(row => listed.has(row._id)) : all
  if (rows.length === 0) return say(NOTHING)
  await remember(turn, rows, { action: APPROVE_ALL })
  const others = (await cases.countWaiting(turn.person._id)) - rows.length
  const rest = others > 0 ? `\n(另有 ${others} 个不在其中)` : ''
  return say(`将同意这 ${rows.length} 个审批:\n${rows.map(line).join('\n')}${rest}\n回复"确认"继续,"取消"放弃。`)
}

/** 确认 or 取消 of that offer; null when nothing of the kind was offered just now. */
export async function answerApproveAll(turn: Turn, confirmed: boolean): Promise<Reply | null> {
  const { talk } = turn.services.models
  const { list } = await talk.dialogue(turn.person._id)
  if (list?.kind !== 'approval' || list.next.action !== APPROVE_ALL || turn.now - list.at.getTime() > OFFER_MS) return null
  if (!confirmed) {
    await talk.remember(turn.person._id, { list: null })
    return say('已取消,没有处理。')
  }
  const { items, message } = await runByWord<BatchResult>(turn, approvalBatch as Command, {
    items: list.items.map(({ id }) => ({ caseId: id })),
    decision: 'approve',
  })
  await talk.remember(turn.person._id, { list: null })
  const failed = items.filter(item => !item.ok).map(item => `${item.number} ${item.title}:${item.message}`)
  return say([message, ...failed].join('\n'))
}
