import type { CaseStep } from '../../kernel/case-subject.ts'
import type { Services } from '../../kernel/services.ts'
import type { Acting } from '../acting.ts'
import { caseSubject } from '../card-id.ts'
import { deadlineOf } from '../deadlines.ts'
import { definitionOf, factsOf } from '../definitions.ts'
import { beginChild, cancelChild, tellParentOf } from './children.ts'
import { runRequested } from './commands.ts'
import { headOf } from './head.ts'
import { noticesOf } from './notices.ts'
import { tasksOf } from './tasks.ts'
import { followTimers } from './timers.ts'

/**
 * What follows from a committed step: head, record, to-dos, cards, notices, timers, commands, sub-processes. Every write has an id that
 * follows from the step, so that doing it twice is doing it once; the mark on the step goes last.
 *
 * @param act how to tell this case, its parent or its children what came of it
 */
export async function followStep(services: Services, step: CaseStep, act: Acting): Promise<void> {
  const { models } = services
  const { after: state, at } = step
  const organisation = await services.organisation.current()
  const definition = await definitionOf(services, state)
  const facts = factsOf(services, organisation, definition, state)
  const head = headOf(definition, state, facts, at)

  const calendars = await services.calendars.current()
  const reading = { calendars, organisation, definition, state, now: at.getTime() }
  const { todos, cards } = tasksOf(step, facts, entry => deadlineOf(entry, reading)?.dueAt)
  // What people are sent to comes first: a card shows what the head says.
  await Promise.all([
    models.cases.follow(head),
    services.caseSubjects.get(definition.key).follow(services, step, head.participantIds),
    models.todos.follow(todos, at),
  ])
  await Promise.all([
    followTimers(services, step),
    models.cards.want(cards, at),
    models.cards.touch(caseSubject(state.caseId), at),
    models.outbox.put(noticesOf({ services, organisation, step, facts }), at),
  ])
  const isDone = await followFurther(services, step, act)
  if (isDone) await models.steps.followed(step._id)
  services.poke('cards')
  services.poke('outbox')
}

/** What leads to further steps. False when something is to be tried again later. */
async function followFurther(services: Services, step: CaseStep, act: Acting): Promise<boolean> {
  let isDone = true
  for (const effect of step.effects) {
    switch (effect.type) {
      case 'serviceRequested':
        isDone = (await runRequested(services, step, effect, act)) && isDone
        break
      case 'childRequested':
        await beginChild(services, step, effect, act)
        break
      case 'childCancelled':
        await cancelChild(services, step, effect.childCaseId, act)
        break
      case 'finalised':
        await tellParentOf(services, step, effect, act)
        break
    }
  }
  return isDone
}
