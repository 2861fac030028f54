import { deriveId } from '../../common/ids.ts'
import type { ProcessState } from '../../engine/process/index.ts'
import type { NewCard } from '../../models/kernel/card-ledger.ts'
import type { NewMessage } from '../../models/kernel/outbox.ts'
import type { CaseFacts, CaseStep } from '../kernel/case-subject.ts'
import { routes } from '../kernel/links.ts'
import type { Services } from '../kernel/services.ts'
import type { Organisation } from '../people/organisation.ts'
import { APPROVAL_CARD, approvalCardId, caseSubject } from './card-id.ts'
import { subjectOf } from './definitions.ts'
import { OUTCOME_WORDS } from './refusals.ts'

const todoId = (taskId: string, personId: string): string => `todo:${taskId}:${personId}`

/** Everybody who has or had a task in the case, and its submitter. */
function participants(state: ProcessState): string[] {
  const all = state.path.flatMap(entry => [...entry.assigneeIds, ...entry.transfers.map(({ fromId }) => fromId)])
  return [...new Set([state.submitterId, ...all])]
}

/**
 * What follows from a committed step: head, contract, to-dos, cards, notices. Every write has an id that follows from the step, so
 * that doing it twice is doing it once; the mark on the step goes last.
 */
export async function followStep(services: Services, step: CaseStep): Promise<void> {
  const { models } = services
  const state = step.after
  const organisation = await services.organisation.current()
  const subject = subjectOf(services, state.definition.key)
  const facts = subject.facts(state)
  const at = step.at

  await models.cases.follow({
    _id: state.caseId,
    number: facts.number,
    title: facts.title,
    customerId: facts.customerId,
    amountMinor: facts.amountMinor,
    subject: facts.record,
    status: state.status,
    revision: state.revision,
    state,
    submitterId: state.submitterId,
    submittedAt: new Date(state.submittedAt),
    waitingIds: [...new Set(state.openTasks.flatMap(task => task.assigneeIds))],
    participantIds: participants(state),
    decidedByIds: [...new Set(state.path.flatMap(entry => (entry.taskId && entry.byId ? [entry.byId] : [])))],
    ...(state.openTasks[0] && { nodeName: state.openTasks[0].name }),
    updatedAt: at,
  })
  await subject.follow(services, step, participants(state))

  const cards: NewCard[] = []
  const messages: NewMessage[] = []
  for (const effect of step.effects) {
    switch (effect.type) {
      case 'taskOpened':
        for (const personId of effect.assigneeIds) await openTask(services, state, facts, effect.taskId, personId, at, cards)
        break
      case 'taskClosed':
        await models.todos.close(
          effect.assigneeIds.map(personId => todoId(effect.taskId, personId)),
          at,
          { dropped: effect.outcome === 'withdrawn' },
        )
        break
      case 'taskTransferred':
        await models.todos.close([todoId(effect.taskId, effect.fromId)], at, { dropped: true })
        if (effect.fromId !== state.submitterId) {
          const who = `${organisation.name(effect.fromId)} 把${effect.nodeName}转交给了 ${organisation.name(effect.toId)}。`
          messages.push(
            notice(
              effect.id,
              state.caseId,
              state.submitterId,
              `${facts.number} ${facts.title}\n${who}${services.links.h5(routes.approval(state.caseId))}`,
              'notice',
            ),
          )
        }
        await openTask(services, state, facts, effect.taskId, effect.toId, at, cards)
        break
      case 'urged':
        for (const personId of effect.assigneeIds) {
          messages.push(
            notice(
              effect.id,
              state.caseId,
              personId,
              `催办:${facts.number} ${facts.title} 在等您审批(${effect.nodeName})。${services.links.h5(routes.approval(state.caseId))}`,
            ),
          )
        }
        break
      case 'incidentRaised':
        for (const personId of organisation.admins()) {
          messages.push(
            notice(
              effect.id,
              state.caseId,
              personId,
              `审批 ${facts.number} 暂停了:${effect.why}。请到管理页处理。${services.links.admin()}`,
            ),
          )
        }
        break
      case 'finalised':
        break
    }
  }
  const outcome = tellSubmitter(services, organisation, step, facts)
  if (outcome) messages.push(outcome)

  await models.cards.want(cards, at)
  await models.cards.touch(caseSubject(state.caseId), at)
  await models.outbox.put(messages, at)
  await models.steps.followed(step._id)
  services.poke('cards')
  services.poke('outbox')
}

async function openTask(
  services: Services,
  state: ProcessState,
  facts: CaseFacts,
  taskId: string,
  personId: string,
  at: Date,
  cards: NewCard[],
): Promise<void> {
  await services.models.todos.open({
    _id: todoId(taskId, personId),
    kind: 'approval',
    assigneeId: personId,
    title: `审批 ${facts.title}`,
    subtitle: `${facts.number} · ${facts.customerName}`,
    customerId: facts.customerId,
    to: routes.approval(state.caseId),
    createdAt: at,
    dueAt: null,
    doneAt: null,
    state: 'open',
  })
  cards.push({
    _id: approvalCardId(taskId, personId),
    template: APPROVAL_CARD,
    params: { caseId: state.caseId, taskId },
    subject: caseSubject(state.caseId),
    personId,
  })
}

/** What somebody waits for passes quiet hours; what is only good to know does not. */
const notice = (
  effectId: string,
  caseId: string,
  personId: string,
  text: string,
  urgency: 'urgent' | 'notice' = 'urgent',
): NewMessage => ({
  _id: deriveId('notice', effectId, personId),
  to: { personId },
  text,
  urgency,
  topic: 'approval',
  subject: caseSubject(caseId),
})

/** One new message to the submitter for each decision of somebody else, with its reason and what comes next. */
function tellSubmitter(services: Services, organisation: Organisation, step: CaseStep, facts: CaseFacts): NewMessage | null {
  const closed = step.effects.find(effect => effect.type === 'taskClosed')
  const state = step.after
  if (closed?.type !== 'taskClosed' || closed.byId === state.submitterId) return null
  const entry = state.path.find(candidate => candidate.taskId === closed.taskId)
  const words = entry?.comment ? `:${entry.comment}` : ''
  const who = `${organisation.name(closed.byId)} ${OUTCOME_WORDS[closed.outcome]}${words}`
  const next = state.openTasks[0]
  const then =
    state.status === 'approved'
      ? '审批已全部通过。'
      : state.status === 'rejected'
        ? '审批已结束,没有通过。'
        : next
          ? `下一步:${next.name}(${next.assigneeIds.map(id => organisation.name(id)).join('、')})。`
          : '审批暂停,等待管理员处理。'
  return notice(
    closed.id,
    state.caseId,
    state.submitterId,
    `${facts.number} ${facts.title}\n${who}\n${then}${services.links.h5(routes.approval(state.caseId))}`,
  )
}
