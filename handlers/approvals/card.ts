import type { Card, StatusWord } from '../../cards/model.ts'
import { NotFoundError } from '../../common/errors.ts'
import { formatYuanShort } from '../../common/money.ts'
import type { PathEntry, ProcessState } from '../../engine/process/index.ts'
import type { CardTemplate } from '../kernel/card-template.ts'
import { execute } from '../kernel/execute.ts'
import { routes } from '../kernel/links.ts'
import type { Services } from '../kernel/services.ts'
import type { Organisation } from '../people/organisation.ts'
import { APPROVAL_CARD } from './card-id.ts'
import { approvalDecide } from './commands.ts'
import { definitionOf, factsOf } from './definitions.ts'
import { OUTCOME_WORDS } from './refusals.ts'

/** What became of a task, as this viewer's card says it. */
function outcomeOf(
  services: Services,
  organisation: Organisation,
  state: ProcessState,
  entry: PathEntry,
  viewerId: string,
): { status: StatusWord; note: string } {
  const stamp = (at: number) => services.time.stamp(at, services.clock.now())
  const away = entry.transfers.findLast(transfer => transfer.fromId === viewerId)
  if (away && !entry.assigneeIds.includes(viewerId)) {
    return {
      status: '已转交',
      note: `已转交 · ${organisation.name(away.fromId)} → ${organisation.name(away.toId)} · ${stamp(away.at)}`,
    }
  }
  if (entry.outcome === 'approved' || entry.outcome === 'rejected' || entry.outcome === 'withdrawn') {
    const word = OUTCOME_WORDS[entry.outcome]
    const words = entry.comment ? ` · ${entry.comment}` : ''
    return {
      status: word,
      note: `${word} · ${organisation.name(entry.byId ?? '')} · ${stamp(entry.decidedAt ?? state.submittedAt)}${words}`,
    }
  }
  return { status: '已失效', note: '这一步已经结束' }
}

/** The decision card: the facts, why it came to this person, and after the decision what became of it. */
export const approvalCard: CardTemplate = {
  name: APPROVAL_CARD,
  asksDecision: true,

  async present(services, { caseId = '', taskId = '' }, viewer): Promise<Card> {
    const head = await services.models.cases.byId(caseId)
    if (!head) throw new NotFoundError('approval.unknown_case', '没有找到这个审批。')
    const state = head.state as ProcessState
    const organisation = await services.organisation.current()
    const facts = factsOf(services, state)
    const now = services.clock.now()
    const link = services.links.h5(routes.approval(caseId))
    const base = {
      kind: facts.kind,
      number: facts.number,
      title: `${facts.customerName} · ${facts.title}`,
      facts: [
        { label: '金额', value: formatYuanShort(facts.amountMinor) },
        { label: '类型', value: facts.type },
        { label: '提交人', value: organisation.name(state.submitterId) },
        { label: '提交时间', value: services.time.relative(state.submittedAt, now) },
        ...(facts.attachmentIds.length > 0 ? [{ label: '附件', value: `${facts.attachmentIds.length} 个` }] : []),
      ],
      link,
    }
    const detail = { type: 'link', id: 'detail', label: '详情', url: link } as const
    const task = state.openTasks.find(candidate => candidate.taskId === taskId)
    if (task?.assigneeIds.includes(viewer.personId)) {
      return {
        ...base,
        status: '待处理',
        reason:
          transferReason(state, taskId, viewer.personId, organisation) ??
          task.reason ??
          defaultReason(services, state, task.nodeId, organisation),
        buttons: [
          { type: 'callback', id: 'approve', label: '同意', style: 'primary' },
          { type: 'link', id: 'reject', label: '拒绝', url: services.links.h5(routes.reject(caseId)), style: 'danger' },
          detail,
        ],
        more: [{ id: 'transfer', label: '转交' }],
      }
    }
    const entry = state.path.find(candidate => candidate.taskId === taskId)
    const outcome = entry
      ? outcomeOf(services, organisation, state, entry, viewer.personId)
      : { status: '已失效' as const, note: '这张卡片已经失效' }
    return { ...base, ...outcome, buttons: [detail] }
  },

  actions: {
    async approve({ services, actor, card, event, onceId }) {
      const { caseId = '', taskId = '' } = card.params
      await execute(
        services,
        approvalDecide,
        { caseId, taskId, decision: 'approve' },
        { actor, commandId: onceId, via: event.platform, surface: 'card' },
      )
      return {}
    },
    async transfer({ services, card }) {
      const head = await services.models.cases.byId(card.params.caseId ?? '')
      return { text: `转交给谁?请回复:转交 ${head?.number ?? ''} 同事姓名` }
    },
  },
}

/** Who got it from a colleague is told so. */
function transferReason(state: ProcessState, taskId: string, viewerId: string, organisation: Organisation): string | undefined {
  const entry = state.path.find(candidate => candidate.taskId === taskId)
  const received = entry?.transfers.findLast(transfer => transfer.toId === viewerId)
  return received && `${organisation.name(received.fromId)} 转交给您${received.comment ? `:${received.comment}` : ''}`
}

/** Steps that a branch did not lead to say whose superior or which role was asked. */
function defaultReason(services: Services, state: ProcessState, nodeId: string, organisation: Organisation): string {
  const node = definitionOf(services, state).nodes.find(candidate => candidate.id === nodeId)
  const rule = node?.type === 'approval' ? node.approvers[0] : undefined
  if (rule?.type === 'superior') return `您是提交人 ${organisation.name(state.submitterId)} 的直属上级`
  if (rule?.type === 'role') return `合同都要经${rule.role}审批`
  return node?.name ?? '需要您审批'
}
