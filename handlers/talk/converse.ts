import { formatYuan } from '../../common/money.ts'
import type { CustomerDoc } from '../../models/customers/index.ts'
import type { DialogueDoc } from '../../models/talk/index.ts'
import {
  addSignByWord,
  answerApproveAll,
  approveByWord,
  commentByWord,
  copyByWord,
  finishByWord,
  listApprovals,
  offerApproveAll,
  rejectByWord,
  resubmitByWord,
  retractByWord,
  returnByWord,
  transferByWord,
  urgeByWord,
  withdrawByWord,
} from '../approvals/index.ts'
import { closePick, proceed, type Then, withCustomer } from '../customers/index.ts'
import { endDelegationByWord, listDelegations, setDelegationByWord } from '../delegations/index.ts'
import { helpText } from '../help/index.ts'
import { type Reply, say } from '../kernel/reply.ts'
import type { Turn } from '../kernel/turn.ts'
import { visibleCustomer } from '../kernel/visible-customer.ts'
import { leadDraft } from '../leads/index.ts'
import { tellPace } from '../processes/index.ts'
import { beginRequest, readBeginning } from '../requests/index.ts'
import { openContractSpaceByWord } from '../spaces/index.ts'
import { listTodos } from '../todos/index.ts'
import type { DraftKinds } from './draft-kinds.ts'
import { answerDraft, answerYesNo, beginDraft, cancelDraft, confirmDraft, currentDraft, draftReminder } from './drafts.ts'
import { propose } from './propose.ts'
import { type ContractIntent, type Intent, type LeadIntent, understand } from './understand/index.ts'

/** Answers that belong to what was asked just before; they need no reminder of it. */
const REPLIES = new Set<Intent['type']>([
  'reply.confirm',
  'reply.cancel',
  'reply.amend',
  'reply.proceed',
  'reply.pick',
  'unknown',
])

/** What begins a draft has just asked for what is missing. */
const BEGINNINGS = new Set<Intent['type']>(['lead.new', 'contract.submit', 'activity.write', 'request.new'])

/**
 * Answer one message. A fixed phrase acts at once; words that are no phrase answer the question that is open; what is still unclear
 * goes to the language model if there is one, which only proposes.
 */
export async function converse(turn: Turn, kinds: DraftKinds, text: string): Promise<Reply> {
  const intent = understand(text)
  const answered = await answerOpenQuestion(turn, kinds, intent, text)
  if (answered) return answered
  const better = await propose(turn.services, text, intent)
  const reply = await respond(turn, kinds, better)
  if (REPLIES.has(better.type) || !reply.text || reply.cards) return reply
  const reminder = BEGINNINGS.has(better.type) ? null : await draftReminder(turn, kinds)
  return reminder ? { ...reply, text: `${reply.text}\n${reminder}` } : reply
}

/** A number picks from the list shown last; words that are no phrase, and 是 or 否 where that was asked, fill the field asked for last. */
async function answerOpenQuestion(turn: Turn, kinds: DraftKinds, intent: Intent, text: string): Promise<Reply | null> {
  switch (intent.type) {
    case 'reply.pick':
      return (await pick(turn, intent.index)) ?? answerDraft(turn, kinds, text)
    case 'reply.confirm':
    case 'reply.cancel':
      return answerYesNo(turn, kinds, text)
    case 'unknown':
      return answerDraft(turn, kinds, text)
    default:
      return null
  }
}

async function pick(turn: Turn, index: number): Promise<Reply | null> {
  const { list } = await turn.services.models.talk.dialogue(turn.person._id)
  if (!list) return null
  const item = list.items[index - 1]
  if (!item) return say(`列表里没有第 ${index} 项,请回复 1 到 ${list.items.length}。`)
  switch (list.kind) {
    case 'customer':
      // The list may be old: the right to see this customer may have ended since.
      return chosen(turn, await visibleCustomer(turn.services, turn.viewer, item.id), list)
    case 'approval':
      return say(
        `${item.label}:回复"同意 ${index}"或"拒绝 ${index} 理由"。详情 ${turn.services.links.h5(`/approvals/${item.id}`)}`,
      )
    case 'todo': {
      const todo = await turn.services.models.todos.byId(item.id)
      return say(todo ? `${todo.title}\n${turn.services.links.h5(todo.to)}` : '这条待办已不存在。')
    }
  }
}

/** Go on with the customer; the card that showed the same list closes. */
async function chosen(turn: Turn, customer: CustomerDoc, list: NonNullable<DialogueDoc['list']>): Promise<Reply> {
  if (list.pickId) await closePick(turn, list.pickId, customer._id)
  return proceed(turn, customer, list.next as unknown as Then)
}

async function respond(turn: Turn, kinds: DraftKinds, intent: Intent): Promise<Reply> {
  switch (intent.type) {
    case 'lead.new':
      return beginDraft(turn, leadDraft, leadValues(intent), intent.problems)
    case 'contract.submit':
      return intent.customer
        ? withCustomer(turn, intent.customer, contractThen(intent))
        : say('为哪个客户提交合同?例如:提交合同 长安汽车 专线扩容 专线 62万')
    case 'activity.write':
      return intent.customer
        ? withCustomer(turn, intent.customer, { action: 'activity', text: intent.text ?? '' })
        : say('写哪个客户的跟进?例如:写跟进 长安汽车 今天电话沟通了续约')
    case 'customer.find':
      return intent.query
        ? withCustomer(turn, intent.query, { action: 'card' })
        : say('查哪个客户?例如:查 长安汽车,或拼音首字母:查 cqc')
    case 'customer.visit':
      return intent.query ? withCustomer(turn, intent.query, { action: 'visit' }) : say('拜访哪个客户?例如:拜访 长安汽车')
    case 'customer.owner':
      return withCustomer(turn, intent.query, { action: 'owner' })
    case 'portal.share':
      return intent.customer
        ? withCustomer(turn, intent.customer, { action: 'share' })
        : say('分享哪个客户的进度?例如:分享进度 长安汽车')
    case 'portal.revoke':
      return intent.customer
        ? withCustomer(turn, intent.customer, { action: 'revoke' })
        : say('撤销哪个客户的分享?例如:撤销分享 长安汽车')
    case 'space.open':
      return openSpaceFor(turn, intent.about)
    case 'todo.list':
      return listTodos(turn)
    case 'process.pace':
      return tellPace(turn, intent)
    case 'approval.list':
      return listApprovals(turn)
    case 'approval.approve':
      return approveByWord(turn, intent)
    case 'approval.finish':
      return finishByWord(turn, intent)
    case 'approval.reject':
      return rejectByWord(turn, intent)
    case 'approval.transfer':
      return transferByWord(turn, intent)
    case 'approval.urge':
      return urgeByWord(turn, intent)
    case 'approval.withdraw':
      return withdrawByWord(turn, intent)
    case 'approval.return':
      return returnByWord(turn, intent)
    case 'approval.resubmit':
      return resubmitByWord(turn, intent)
    case 'approval.addSign':
      return addSignByWord(turn, intent)
    case 'approval.copy':
      return copyByWord(turn, intent)
    case 'approval.comment':
      return commentByWord(turn, intent)
    case 'approval.retract':
      return retractByWord(turn, intent)
    case 'approval.approveAll':
      return offerApproveAll(turn)
    case 'request.new':
      return beginByWord(turn, intent.words)
    case 'delegation.set':
      return setDelegationByWord(turn, intent)
    case 'delegation.end':
      return endDelegationByWord(turn)
    case 'delegation.list':
      return listDelegations(turn)
    case 'help':
      return say(helpText(turn.services))
    case 'reply.confirm':
      return (await answerApproveAll(turn, true)) ?? settle(turn, kinds, false)
    case 'reply.proceed':
      return settle(turn, kinds, true)
    case 'reply.cancel':
      return (await answerApproveAll(turn, false)) ?? cancel(turn, kinds)
    case 'reply.amend':
      return amend(turn, kinds)
    case 'reply.pick':
      return say('没有可以选择的列表。发送"帮助"查看能做什么。')
    case 'unknown':
      return say('没有看懂这句话。可以试试:查 客户名、新建线索 公司 联系人 电话、待办。发送"帮助"查看全部说法。')
  }
}

/** 发起 <模板名> [客户]: a list, a contract's draft, or the draft of any other request. */
async function beginByWord(turn: Turn, words: string): Promise<Reply> {
  const beginning = await readBeginning(turn, words)
  switch (beginning.kind) {
    case 'reply':
      return beginning.reply
    case 'contract':
      return beginning.customer
        ? withCustomer(turn, beginning.customer, { action: 'contract', values: {} })
        : say('为哪个客户提交合同?例如:提交合同 长安汽车 专线扩容 专线 62万')
    case 'request':
      return beginning.customer
        ? withCustomer(turn, beginning.customer, { action: 'request', key: beginning.key })
        : beginRequest(turn, beginning.key)
  }
}

async function openSpaceFor(turn: Turn, about: string | undefined): Promise<Reply> {
  if (!about) return say('为哪个客户或合同建群?例如:建群 长安汽车,或 建群 HT-2026-0001')
  return (await openContractSpaceByWord(turn, about)) ?? withCustomer(turn, about, { action: 'space' })
}

const leadValues = (intent: LeadIntent): Record<string, string> => ({
  ...(intent.company && { company: intent.company }),
  ...(intent.contact && { contact: intent.contact }),
  ...(intent.phone && { phone: intent.phone }),
  ...(intent.interest && { interest: intent.interest }),
  ...(intent.budgetMinor !== undefined && { budget: formatYuan(intent.budgetMinor) }),
})

function contractThen(intent: ContractIntent): Then {
  const problem = intent.problems.find(({ field }) => field === 'amount' || field === 'contractType' || field === 'title')
  const field = problem?.field === 'contractType' ? 'type' : problem?.field
  return {
    action: 'contract',
    values: {
      ...(intent.title && { title: intent.title }),
      ...(intent.contractType && { type: intent.contractType }),
      ...(intent.amountMinor !== undefined && { amount: formatYuan(intent.amountMinor) }),
    },
    ...(problem && field && { problem: { field, message: problem.message } }),
  }
}

async function settle(turn: Turn, kinds: DraftKinds, anyway: boolean): Promise<Reply> {
  const draft = await currentDraft(turn)
  if (!draft) return say('没有等待确认的内容。发送"帮助"查看能做什么。')
  if (draft.asking) return (await answerDraft(turn, kinds, '')) ?? say('还缺内容,请先补充。')
  if (draft.duplicates.length > 0 && !anyway) return say('已有同事跟进这个客户。确需新建请回复"仍然创建",放弃请回复"取消"。')
  const { note } = await confirmDraft(turn.services, kinds, {
    draftId: draft._id,
    viewer: turn.viewer,
    via: turn.event.platform,
    anyway,
  })
  return say(`${note}。`)
}

async function cancel(turn: Turn, kinds: DraftKinds): Promise<Reply> {
  const draft = await currentDraft(turn)
  if (!draft) return say('没有可以取消的内容。')
  await cancelDraft(turn.services, kinds, { draftId: draft._id, viewer: turn.viewer })
  return say('已取消,没有写入。')
}

async function amend(turn: Turn, kinds: DraftKinds): Promise<Reply> {
  const draft = await currentDraft(turn)
  const kind = draft && (await kinds.of(turn.services, draft))
  return draft && kind ? say(`在这里修改:${turn.services.links.h5(kind.route(draft))}`) : say('没有可以修改的内容。')
}
