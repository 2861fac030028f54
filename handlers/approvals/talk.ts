import { AppError, InvalidError } from '../../common/errors.ts'
import type { CaseDoc } from '../../models/approvals/index.ts'
import type { Command } from '../kernel/command.ts'
import { execute } from '../kernel/execute.ts'
import { routes } from '../kernel/links.ts'
import { type Reply, say } from '../kernel/reply.ts'
import type { Turn } from '../kernel/turn.ts'
import type { Intent, Ref } from '../talk/understand/index.ts'
import { approvalDecide, approvalTransfer, approvalUrge, approvalWithdraw } from './commands.ts'

const MAX_LIST = 5

type Row = Pick<CaseDoc, '_id' | 'number' | 'title' | 'nodeName' | 'amountMinor'>

const line = (row: Row, index: number): string =>
  `${index + 1}. ${row.number} ${row.title}${row.nodeName ? `(${row.nodeName})` : ''}`

async function remember(turn: Turn, rows: readonly Row[]): Promise<void> {
  await turn.services.models.talk.remember(turn.person._id, {
    list: { kind: 'approval', next: {}, items: rows.map(row => ({ id: row._id, label: row.number })), at: new Date(turn.now) },
  })
}

type Choice = { caseId: string } | { reply: Reply }

/**
 * Which case is meant: the printed number, the place in the list just shown, or the only candidate. Several and no hint: ask.
 *
 * @param candidates what this person could act on in this way
 */
async function pickCase(
  turn: Turn,
  ref: Ref | undefined,
  candidates: () => Promise<Row[]>,
  nothing: string,
  verb: string,
): Promise<Choice> {
  const { cases, talk } = turn.services.models
  if (ref?.kind === 'number') {
    const found = (await cases.byNumber(ref.number)) ?? (await byEnding(ref.number, candidates))
    if (!found) return { reply: say(`没有找到编号 ${ref.number} 的审批,请核对卡片上的编号。(approval.unknown_case)`) }
    return { caseId: found._id }
  }
  if (ref?.kind === 'place') {
    const { list } = await talk.dialogue(turn.person._id)
    const item = list?.kind === 'approval' ? list.items[ref.index - 1] : undefined
    if (item) return { caseId: item.id }
    const rows = await candidates()
    const row = rows[ref.index - 1]
    if (row) return { caseId: row._id }
    return { reply: say(`列表里没有第 ${ref.index} 项。发送"我的审批"查看待处理的审批。`) }
  }
  const rows = await candidates()
  const [only] = rows
  if (!only) return { reply: say(nothing) }
  if (rows.length === 1) return { caseId: only._id }
  await remember(turn, rows.slice(0, MAX_LIST))
  return {
    reply: say(
      `您有 ${rows.length} 个审批,要${verb}哪一个?\n${rows.slice(0, MAX_LIST).map(line).join('\n')}\n请带上序号或编号,例如:${verb} 1`,
    ),
  }
}

/** `同意 0041`: the last digits are enough when only one of the candidates ends so. */
async function byEnding(digits: string, candidates: () => Promise<Row[]>): Promise<Row | undefined> {
  const rows = (await candidates()).filter(row => row.number.endsWith(`-${digits}`))
  return rows.length === 1 ? rows[0] : undefined
}

const waiting = (turn: Turn) => () => turn.services.models.cases.page('waiting', turn.person._id, 20)
const mine = (turn: Turn) => () => turn.services.models.cases.running(turn.person._id, 20)

async function run(turn: Turn, command: Command, input: unknown): Promise<Reply> {
  const result = (await execute(turn.services, command, input, {
    actor: turn.viewer,
    commandId: turn.id(command.name),
    via: turn.event.platform,
    surface: 'chat',
  })) as { message: string }
  return say(result.message)
}

/** 我的审批 */
export async function listApprovals(turn: Turn): Promise<Reply> {
  const rows = await turn.services.models.cases.page('waiting', turn.person._id, MAX_LIST + 1)
  if (rows.length === 0)
    return say(`没有等您处理的审批。\n我发起的审批:${turn.services.links.h5(`${routes.approvals}?box=submitted`)}`)
  const shown = rows.slice(0, MAX_LIST)
  await remember(turn, shown)
  const total = await turn.services.models.cases.countWaiting(turn.person._id)
  const more = total > shown.length ? `\n还有 ${total - shown.length} 个:${turn.services.links.h5(routes.approvals)}` : ''
  return say(`等您处理的审批 ${total} 个:\n${shown.map(line).join('\n')}${more}\n回复"同意 1"或"拒绝 1 理由"即可处理。`)
}

/** 同意 [编号] */
export async function approveByWord(turn: Turn, intent: Extract<Intent, { type: 'approval.approve' }>): Promise<Reply> {
  const pick = await pickCase(turn, intent.ref, waiting(turn), '没有等您处理的审批。', '同意')
  if ('reply' in pick) return pick.reply
  return run(turn, approvalDecide as Command, {
    caseId: pick.caseId,
    decision: 'approve',
    ...(intent.comment && { comment: intent.comment }),
  })
}

/** 拒绝 [编号] <理由>; without a reason it is asked for on H5, and by word. */
export async function rejectByWord(turn: Turn, intent: Extract<Intent, { type: 'approval.reject' }>): Promise<Reply> {
  const pick = await pickCase(turn, intent.ref, waiting(turn), '没有等您处理的审批。', '拒绝')
  if ('reply' in pick) return pick.reply
  if (!intent.reason) {
    const head = await turn.services.models.cases.byId(pick.caseId)
    return say(
      `拒绝需要写明理由。请打开 ${turn.services.links.h5(routes.reject(pick.caseId))} 填写,或回复:拒绝 ${head?.number ?? ''} 理由`,
    )
  }
  return run(turn, approvalDecide as Command, { caseId: pick.caseId, decision: 'reject', comment: intent.reason })
}

/** 转交 [编号] <人> */
export async function transferByWord(turn: Turn, intent: Extract<Intent, { type: 'approval.transfer' }>): Promise<Reply> {
  if (!intent.to) return say('转交给谁?例如:转交 李明')
  const pick = await pickCase(turn, intent.ref, waiting(turn), '没有等您处理的审批,无需转交。', `转交 ${intent.to}`)
  if ('reply' in pick) return pick.reply
  const found = await turn.services.models.people.byName(intent.to)
  const [person] = found
  if (!person) throw new InvalidError('person.unknown', `没有找到同事"${intent.to}",请核对姓名。`)
  if (found.length > 1) {
    throw new AppError(
      'person.ambiguous',
      `有 ${found.length} 位同事叫"${intent.to}",请在详情页选择:${turn.services.links.h5(routes.approval(pick.caseId))}`,
    )
  }
  return run(turn, approvalTransfer as Command, { caseId: pick.caseId, toPersonId: person._id })
}

/** 催一下 [编号] */
export async function urgeByWord(turn: Turn, intent: Extract<Intent, { type: 'approval.urge' }>): Promise<Reply> {
  const pick = await pickCase(turn, intent.ref, mine(turn), '您没有正在审批中的申请。', '催一下')
  return 'reply' in pick ? pick.reply : run(turn, approvalUrge as Command, { caseId: pick.caseId })
}

/** 撤回 [编号] */
export async function withdrawByWord(turn: Turn, intent: Extract<Intent, { type: 'approval.withdraw' }>): Promise<Reply> {
  const pick = await pickCase(turn, intent.ref, mine(turn), '您没有可以撤回的申请。', '撤回')
  return 'reply' in pick ? pick.reply : run(turn, approvalWithdraw as Command, { caseId: pick.caseId })
}
