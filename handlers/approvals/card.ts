import type { Card, CardButton, MenuAction, StatusWord } from '../../cards/model.ts'
import { NotFoundError } from '../../common/errors.ts'
import type { Viewer } from '../../engine/policy/index.ts'
import {
  fieldRightAt,
  findNode,
  isManned,
  type MannedNode,
  type OpenTask,
  type PathEntry,
  type ProcessDefinition,
  type ProcessState,
  previousChoices,
  readState,
} from '../../engine/process/index.ts'
import type { CardTemplate } from '../kernel/card-template.ts'
import { execute } from '../kernel/execute.ts'
import { routes } from '../kernel/links.ts'
import type { Services } from '../kernel/services.ts'
import type { Organisation } from '../people/organisation.ts'
import { APPROVAL_CARD } from './card-id.ts'
import { outcomeOf } from './card-outcome.ts'
import { reasonOf } from './card-reason.ts'
import { approvalDecide } from './commands/index.ts'
import { definitionOf, factsOf } from './definitions.ts'
import { tallyOf } from './tally.ts'
import { hiddenFields } from './visible-fields.ts'

/** WeCom shows six rows; the rest follows on H5. */
const MAX_FACTS = 3

/** The decision card: the facts, why it came to this person, who has voted, and after the decision what became of it. */
export const approvalCard: CardTemplate = {
  name: APPROVAL_CARD,
  asksDecision: true,

  async present(services, { caseId = '', taskId = '' }, viewer): Promise<Card> {
    const head = await services.models.cases.byId(caseId)
    if (!head) throw new NotFoundError('approval.unknown_case', '没有找到这个审批。')
    const state = readState(head.state)
    const organisation = await services.organisation.current()
    const definition = await definitionOf(services, state)
    const entry = state.path.find(candidate => candidate.entryId === taskId)
    const base = await baseOf(services, { definition, state, organisation, entry, viewer })
    const detail: CardButton = { type: 'link', id: 'detail', label: '详情', url: base.link }
    const task = state.openTasks.find(candidate => candidate.taskId === taskId)
    if (entry && task?.assigneeIds.includes(viewer.personId)) {
      const asked = asking(services, { definition, task, caseId, detail })
      return { ...base, status: '待处理', reason: reasonOf({ definition, state, organisation, entry, viewer }), ...asked }
    }
    const outcome = entry
      ? outcomeOf(services, organisation, entry, viewer.personId)
      : { status: '已失效' as StatusWord, note: '这张卡片已经失效' }
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
    transfer: context => askFor(context.services, context.card.params, number => `转交给谁?请回复:转交 ${number} 同事姓名`),
    addSign: context => askFor(context.services, context.card.params, number => `请谁先看?请回复:加签 ${number} 同事姓名`),
    return: context =>
      askFor(
        context.services,
        context.card.params,
        (number, link) => `退回给提交人请回复:退回 ${number} 理由\n退回到中间某一步:${link}`,
      ),
  },
}

interface Reading {
  definition: ProcessDefinition
  state: ProcessState
  organisation: Organisation
  entry: PathEntry | undefined
  viewer: Viewer
}

async function baseOf(services: Services, { definition, state, organisation, entry, viewer }: Reading) {
  const facts = factsOf(services, organisation, definition, state)
  const hidden = hiddenFields(definition, state, viewer)
  const shown = facts.facts.filter(({ field }) => !field || !hidden.has(field)).slice(0, MAX_FACTS)
  const node = entry && findNode(definition, entry.nodeId)
  const tally = entry && entry.leftAt === undefined && isManned(node) ? tallyOf(entry, node) : undefined
  return {
    kind: facts.kind,
    number: facts.number,
    title: [facts.customerName, facts.title].filter(Boolean).join(' · '),
    facts: [
      ...shown.map(({ label, value }) => ({ label, value })),
      { label: '提交人', value: organisation.name(state.submitterId) },
      tally
        ? { label: '进度', value: tally }
        : { label: '提交时间', value: services.time.relative(state.submittedAt, services.clock.now()) },
      ...(facts.attachmentIds.length > 0 ? [{ label: '附件', value: `${facts.attachmentIds.length} 个` }] : []),
    ],
    link: services.links.h5(routes.approval(state.caseId)),
  }
}

interface Asking {
  definition: ProcessDefinition
  task: OpenTask
  caseId: string
  detail: CardButton
}

/** Something has to be filled in or named with the decision: a click alone is not enough. */
const needsPage = (definition: ProcessDefinition, node: MannedNode): boolean =>
  (node.outputs ?? []).some(field => fieldRightAt(definition, node, field) === 'edit') ||
  previousChoices(definition, node.id).length > 0

/** What may be done from the card itself, and what opens the page. */
function asking(services: Services, { definition, task, caseId, detail }: Asking): Pick<Card, 'buttons' | 'more'> {
  const page = (act: string) => services.links.h5(routes.act(caseId, act))
  const node = findNode(definition, task.nodeId)
  if (!isManned(node)) {
    return { buttons: [{ type: 'link', id: 'resubmit', label: '修改', url: page('resubmit'), style: 'primary' }, detail] }
  }
  const label = node.type === 'handle' ? '完成' : '同意'
  const approve: CardButton = needsPage(definition, node)
    ? { type: 'link', id: 'approve', label, url: page('approve'), style: 'primary' }
    : { type: 'callback', id: 'approve', label, style: 'primary' }
  const reject: CardButton[] =
    node.type === 'handle' ? [] : [{ type: 'link', id: 'reject', label: '拒绝', url: page('reject'), style: 'danger' }]
  const more = MENU.filter(({ id }) => node.operations === undefined || node.operations.includes(id))
  return { buttons: [approve, ...reject, detail], ...(more.length > 0 && { more }) }
}

const MENU: readonly (MenuAction & { id: 'transfer' | 'addSign' | 'return' })[] = [
  { id: 'transfer', label: '转交' },
  { id: 'addSign', label: '加签' },
  { id: 'return', label: '退回' },
]

/** What a menu entry wants is written, or filled in on the page. */
async function askFor(
  services: Services,
  { caseId = '' }: Readonly<Record<string, string>>,
  words: (number: string, link: string) => string,
): Promise<{ text: string }> {
  const head = await services.models.cases.byId(caseId)
  return { text: words(head?.number ?? '', services.links.h5(routes.approval(caseId))) }
}
