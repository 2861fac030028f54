import type { Command } from '../../kernel/command.ts'
import { type Reply, say } from '../../kernel/reply.ts'
import type { Turn } from '../../kernel/turn.ts'
import type { IntentOf } from '../../talk/understand/index.ts'
import { approvalAddSign, approvalComment, approvalCopy, approvalTransfer } from '../commands/index.ts'
import { colleagueNamed, colleaguesNamed } from './colleagues.ts'
import { around, pickCase, waiting } from './pick.ts'
import { answerByWord } from './run.ts'

const NOTHING_AROUND = '您没有进行中的审批。请带上编号。'

/** 转交 [编号] <人> */
export async function transferByWord(turn: Turn, intent: IntentOf<'approval.transfer'>): Promise<Reply> {
  if (!intent.to) return say('转交给谁?例如:转交 李四')
  const pick = await pickCase(turn, intent.ref, waiting, '没有等您处理的审批,无需转交。', `转交 ${intent.to}`)
  if ('reply' in pick) return pick.reply
  const toPersonId = await colleagueNamed(turn, intent.to, pick.caseId)
  return answerByWord(turn, approvalTransfer as Command, { caseId: pick.caseId, toPersonId })
}

/** 加签 [编号] <人>: they look before the speaker does; 后加签 and 并加签 say otherwise. */
export async function addSignByWord(turn: Turn, intent: IntentOf<'approval.addSign'>): Promise<Reply> {
  if (intent.people.length === 0) return say('请谁加签?例如:加签 李四')
  const pick = await pickCase(turn, intent.ref, waiting, '没有等您处理的审批,无需加签。', `加签 ${intent.people.join(' ')}`)
  if ('reply' in pick) return pick.reply
  const personIds = await colleaguesNamed(turn, intent.people, pick.caseId)
  return answerByWord(turn, approvalAddSign as Command, { caseId: pick.caseId, personIds, placement: intent.placement })
}

/** 抄送 [编号] <人> */
export async function copyByWord(turn: Turn, intent: IntentOf<'approval.copy'>): Promise<Reply> {
  if (intent.people.length === 0) return say('抄送给谁?例如:抄送 HT-2026-0041 李四')
  const pick = await pickCase(turn, intent.ref, around, NOTHING_AROUND, `抄送 ${intent.people.join(' ')}`)
  if ('reply' in pick) return pick.reply
  const personIds = await colleaguesNamed(turn, intent.people, pick.caseId)
  return answerByWord(turn, approvalCopy as Command, { caseId: pick.caseId, personIds })
}

/** 评论 [编号] <内容>; `@李四` in it lets 李四 know. */
export async function commentByWord(turn: Turn, intent: IntentOf<'approval.comment'>): Promise<Reply> {
  if (!intent.text) return say('评论什么?例如:评论 HT-2026-0041 附件请补盖章页 @李四')
  const pick = await pickCase(turn, intent.ref, around, NOTHING_AROUND, '评论')
  if ('reply' in pick) return pick.reply
  const mentionIds = await colleaguesNamed(turn, intent.mentions, pick.caseId)
  return answerByWord(turn, approvalComment as Command, { caseId: pick.caseId, text: intent.text, mentionIds })
}
