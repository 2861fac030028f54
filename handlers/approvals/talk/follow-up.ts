import type { Command } from '../../kernel/command.ts'
import type { Reply } from '../../kernel/reply.ts'
import type { Turn } from '../../kernel/turn.ts'
import type { IntentOf } from '../../talk/understand/index.ts'
import { approvalResubmit, approvalRetract, approvalUrge, approvalWithdraw } from '../commands/index.ts'
import { mine, pickCase, retractable, waiting } from './pick.ts'
import { answerByWord } from './run.ts'

/** 催一下 [编号] */
export async function urgeByWord(turn: Turn, intent: IntentOf<'approval.urge'>): Promise<Reply> {
  const pick = await pickCase(turn, intent.ref, mine, '您没有正在审批中的申请。', '催一下')
  return 'reply' in pick ? pick.reply : answerByWord(turn, approvalUrge as Command, { caseId: pick.caseId })
}

/** 撤回 [编号] */
export async function withdrawByWord(turn: Turn, intent: IntentOf<'approval.withdraw'>): Promise<Reply> {
  const pick = await pickCase(turn, intent.ref, mine, '您没有可以撤回的申请。', '撤回')
  return 'reply' in pick ? pick.reply : answerByWord(turn, approvalWithdraw as Command, { caseId: pick.caseId })
}

/** 撤销同意 [编号]: one's own last decision, while nobody has acted on it. */
export async function retractByWord(turn: Turn, intent: IntentOf<'approval.retract'>): Promise<Reply> {
  const pick = await pickCase(turn, intent.ref, retractable, '没有可以撤销的处理:已经有人接着处理,或者审批已结束。', '撤销同意')
  return 'reply' in pick ? pick.reply : answerByWord(turn, approvalRetract as Command, { caseId: pick.caseId })
}

/** 重新提交 [编号] after a return, with the form as it is. */
export async function resubmitByWord(turn: Turn, intent: IntentOf<'approval.resubmit'>): Promise<Reply> {
  const pick = await pickCase(turn, intent.ref, waiting, '没有退回给您的申请。', '重新提交')
  return 'reply' in pick ? pick.reply : answerByWord(turn, approvalResubmit as Command, { caseId: pick.caseId })
}
