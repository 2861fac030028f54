import type { PathEntry } from '../../../engine/process/index.ts'
import type { NewCard } from '../../../models/kernel/card-ledger.ts'
import type { FollowedTodo } from '../../../models/todos/index.ts'
import type { CaseFacts, CaseStep } from '../../kernel/case-subject.ts'
import { routes } from '../../kernel/links.ts'
import { APPROVAL_CARD, approvalCardId, approvalTodoId, caseSubject } from '../card-id.ts'

const VERBS: Partial<Record<PathEntry['type'], string>> = { handle: '办理', start: '修改' }

/**
 * The to-dos and cards of those who are asked, or need not act any more, by this step.
 *
 * @param dueAt until when a task ought to be done, in milliseconds
 */
export function tasksOf(
  step: CaseStep,
  facts: CaseFacts,
  dueAt: (entry: PathEntry) => number | undefined,
): { todos: FollowedTodo[]; cards: NewCard[] } {
  const { after: state, at, revision } = step
  const todos = new Map<string, FollowedTodo>()
  const cards = new Map<string, NewCard>()
  const entryOf = (taskId: string) => state.path.find(entry => entry.entryId === taskId)

  function put(taskId: string, personId: string, isOpen: boolean): string {
    const _id = approvalTodoId(taskId, personId)
    const entry = entryOf(taskId)
    const due = entry && isOpen ? dueAt(entry) : undefined
    const voted = entry?.seats.some(seat => seat.decidedAt !== undefined && seat.byId === personId)
    todos.set(_id, {
      _id,
      kind: 'approval',
      assigneeId: personId,
      title: `${VERBS[entry?.type ?? 'approval'] ?? '审批'} ${facts.title}`,
      subtitle: [facts.number, facts.customerName].filter(Boolean).join(' · '),
      ...(facts.customerId && { customerId: facts.customerId }),
      to: routes.approval(state.caseId),
      createdAt: at,
      dueAt: due === undefined ? null : new Date(due),
      doneAt: isOpen ? null : at,
      state: isOpen ? 'open' : 'done',
      revision,
      ...(!isOpen && !voted && { dropped: true }),
    })
    return _id
  }
  for (const effect of step.effects) {
    if (effect.type === 'asked') {
      const { taskId, personId } = effect
      cards.set(put(taskId, personId, true), {
        _id: approvalCardId(taskId, personId, effect.id),
        template: APPROVAL_CARD,
        params: { caseId: state.caseId, taskId },
        subject: caseSubject(state.caseId),
        personId,
      })
    } else if (effect.type === 'released') {
      cards.delete(put(effect.taskId, effect.personId, false))
    }
  }
  return { todos: [...todos.values()], cards: [...cards.values()] }
}
