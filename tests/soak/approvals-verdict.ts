import { isDeepStrictEqual } from 'node:util'
import mongoose from 'mongoose'
import { systemClock } from '../../common/clock.ts'
import type { ApiCall } from '../../emulator/index.ts'
import {
  type ProcessDefinition,
  type ProcessEvent,
  type ProcessState,
  runningTimers,
  type TransitionResult,
  transition,
} from '../../engine/process/index.ts'
import { approvalCardId, caseSubject } from '../../handlers/approvals/card-id.ts'
import { headOf } from '../../handlers/approvals/follow/head.ts'
import { noticesOf } from '../../handlers/approvals/follow/notices.ts'
import { answerNeed } from '../../handlers/approvals/lookups.ts'
import { CASE_STATUS, type CaseStep } from '../../handlers/kernel/case-subject.ts'
import type { Services } from '../../handlers/kernel/services.ts'
import type { Organisation } from '../../handlers/people/organisation.ts'
import { createOrganisationSource } from '../../handlers/people/organisation-source.ts'
import { requestCase } from '../../handlers/requests/index.ts'
import { createModels } from '../../models/index.ts'
import { openEmbeddedStore } from '../../store/index.ts'
import { ADMIN, type Role } from './approvals-company.ts'
import type { Deed } from './approvals-deeds.ts'
import type { Heard } from './approvals-run.ts'

/** One case, what was done to it, and what its doers heard. */
export interface Sample {
  seed: number
  team: number
  caseId: string
  people: Record<Role, string>
  cards?: Record<'ann' | 'ben', string>
  deeds: { deed: Deed; delayMs: number; heard: Heard[] }[]
}

export interface Judge {
  /** Nothing waits in any queue, and nothing is left to follow. */
  isAtRest(): Promise<boolean>
  /** Each names the broken rule. */
  findings(sample: Sample): Promise<string[]>
  close(): Promise<void>
}

const SOON_MS = 60_000

/** Reads what the service left in its store. @param calls what the platform was asked for */
export async function openJudge(dataDir: string, calls: readonly ApiCall[]): Promise<Judge> {
  const store = await openEmbeddedStore({ dataDir })
  const connection = await mongoose.createConnection(store.uri).asPromise()
  const models = createModels(connection)
  const organisation = await createOrganisationSource(models, { adminKeys: [`wecom:${ADMIN}`], clock: systemClock }).current()
  const admin = organisation.admins()[0] ?? ''

  async function findings(sample: Sample): Promise<string[]> {
    const { caseId, seed } = sample
    const found: string[] = []
    const rule = (text: string, holds: boolean): void => {
      if (!holds) found.push(`case ${seed} (${caseId}): ${text}`)
    }
    const steps = (await models.steps.all(caseId)) as CaseStep[]
    const state = steps.at(-1)?.after
    if (!state) return [`case ${seed}: a submission that was acknowledged left nothing`]
    const definition = (await models.processes.version(state.definition.key, state.definition.version))
      ?.definition as ProcessDefinition
    const replay = (before: ProcessState | null, event: ProcessEvent, now: number) =>
      rerun({ organisation, definition, steps }, before, event, now)

    // One order of the deeds, and what the engine makes of each: so no vote is lost or counted twice, and there is one outcome.
    steps.forEach((step, index) => {
      const result = replay(steps[index - 1]?.after ?? null, step.event, step.at.getTime())
      rule(`revision ${index + 1} is number ${step.revision}`, step.revision === index + 1)
      rule(
        `revision ${step.revision} is not what the engine makes of ${step.event.type}`,
        result.kind === 'next' &&
          isDeepStrictEqual(plain(result.state), plain(step.after)) &&
          isDeepStrictEqual(plain(result.effects), plain(step.effects)),
      )
      rule(`revision ${step.revision} was not followed`, !step.pending)
    })
    const finals = steps.flatMap(({ effects }) => effects).filter(({ type }) => type === 'finalised')
    rule(`finalised ${finals.length} times`, finals.length === (state.finishedAt === undefined ? 0 : 1))

    for (const { deed, heard } of sample.deeds) {
      const by = deed.role === 'admin' ? admin : sample.people[deed.role]
      const taken = steps.filter(step => step.event.type === deed.type && step.actorId === by)
      const words = `${deed.type} of ${deed.role}`
      rule(`${words} is in the log ${taken.length} times`, taken.length <= 1)
      rule(`${words} was acknowledged and is not in the log`, taken.length === 1 || heard.every(({ kind }) => kind !== 'done'))
      // A refusal does not use up the command's id: the second delivery may come when it is their turn.
      rule(`${words} was refused and is in the log`, taken.length === 0 || heard.some(({ kind }) => kind !== 'refused'))
      const refusals = new Set(refusalsOf(deed, by, sample, steps, replay))
      for (const one of heard) {
        if (one.kind === 'refused') rule(`${words} was refused with ${one.code}, which no order gives`, refusals.has(one.code))
        if (one.kind === 'accepted') rule(`${words} was accepted and nothing came of it`, taken.length === 1 || refusals.size > 0)
      }
      const [only] = taken
      if (!only || !heard.some(({ kind }) => kind === 'done')) continue
      rule(`${words} was acknowledged without an audit row`, (await models.commandLog.find(only.commandId)) !== null)
    }
    await followed({ caseId, steps, state, definition, rule })
    return found
  }

  /** What follows is there, once, and agrees with the last state. */
  async function followed({ caseId, steps, state, definition, rule }: Following): Promise<void> {
    const head = await models.cases.byId(caseId)
    const facts = requestCase.facts(state, definition, id => organisation.name(id))
    const expected = headOf(definition, state, facts, steps.at(-1)?.at ?? new Date(0))
    rule('the head is not that of the last step', isDeepStrictEqual(plain(head), plain(expected)))
    const request = await models.requests.byCase(caseId)
    rule(
      'the request does not say how its case stands',
      request?.status === CASE_STATUS[state.status] && request.revision === state.revision,
    )

    const effects = steps.flatMap(step => step.effects)
    const asked = effects.filter(effect => effect.type === 'asked')
    const now = state.openTasks.flatMap(({ taskId, assigneeIds }) => assigneeIds.map(id => `todo:${taskId}:${id}`))
    const todos = await models.todos.model.find({ to: new RegExp(caseId) }).lean()
    const open = todos.filter(todo => todo.state === 'open').map(({ _id }) => _id)
    rule(`open to-dos ${open} instead of ${now}`, same(open, now))
    const ever = asked.map(({ taskId, personId }) => `todo:${taskId}:${personId}`)
    rule(
      'not one to-do for each who was asked',
      same(
        todos.map(({ _id }) => _id),
        [...new Set(ever)],
      ),
    )

    const cards = await models.cards.model.find({ subject: caseSubject(caseId) }).lean()
    // Who was asked and released within one step gets no card.
    const carded = steps.flatMap(step => {
      const released = new Set(
        step.effects.flatMap(effect => (effect.type === 'released' ? `${effect.taskId} ${effect.personId}` : [])),
      )
      return step.effects.flatMap(effect =>
        effect.type === 'asked' && !released.has(`${effect.taskId} ${effect.personId}`)
          ? approvalCardId(effect.taskId, effect.personId, effect.id)
          : [],
      )
    })
    rule(
      'not one card for each who was asked',
      same(
        cards.map(({ _id }) => _id),
        carded,
      ),
    )
    rule(
      'a card was given up',
      cards.every(({ status }) => status !== 'dead'),
    )
    const ids = new Set(cards.map(({ _id }) => _id))
    const sent = calls
      .filter(call => call.path.endsWith('/message/send') && call.dropped !== 'before')
      .flatMap(call => (call.body as { template_card?: { task_id?: string } }).template_card?.task_id ?? [])
      .filter(id => ids.has(id))
    rule('a card was sent twice', new Set(sent).size === sent.length)

    const services = { links: { h5: () => '', admin: () => '' } } as unknown as Services
    const told = steps.flatMap(step => noticesOf({ services, organisation, step, facts }))
    const messages = await models.outbox.model.find({ subject: caseSubject(caseId), topic: 'approval' }, { _id: 1 }).lean()
    rule(
      'not one message for each that is told',
      same(
        messages.map(({ _id }) => _id),
        told.map(({ _id }) => _id),
      ),
    )

    const waiting = await models.timers.model.find({ subject: caseSubject(caseId), state: 'waiting' }, { _id: 1 }).lean()
    const running = runningTimers(definition, state).map(({ timerId }) => timerId)
    rule(
      `timers ${waiting.map(({ _id }) => _id)} instead of ${running}`,
      same(
        waiting.map(({ _id }) => _id.replace(/@\d+$/, '')),
        running,
      ),
    )
  }

  return {
    async isAtRest() {
      const left = await Promise.all([
        models.steps.model.countDocuments({ pending: true }),
        models.inbound.countQueued(),
        // What waits for the platform's limit of the day is at rest.
        models.outbox.model.countDocuments({
          status: { $in: ['queued', 'sending'] },
          nextAt: { $lt: new Date(Date.now() + SOON_MS) },
        }),
        models.cards.countDue(),
      ])
      return left.every(count => count === 0)
    },
    findings,
    async close() {
      await connection.close()
      await store.close()
    },
  }
}

interface Following {
  caseId: string
  steps: readonly CaseStep[]
  state: ProcessState
  definition: ProcessDefinition
  rule(text: string, holds: boolean): void
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const same = (one: readonly string[], other: readonly string[]): boolean => isDeepStrictEqual([...one].sort(), [...other].sort())

interface Known {
  organisation: Organisation
  definition: ProcessDefinition
  steps: readonly CaseStep[]
}

/** The engine once more, with its questions answered. */
function rerun(
  { organisation, definition, steps }: Known,
  before: ProcessState | null,
  event: ProcessEvent,
  now: number,
): Exclude<TransitionResult, { kind: 'needs' }> {
  const answers: Record<string, string[]> = {}
  const states: Record<number, ProcessState> = {}
  for (;;) {
    const result = transition(definition, before, event, { now, answers, states })
    if (result.kind !== 'needs') return result
    for (const need of result.needs) {
      if (need.type === 'state') states[need.revision] = (steps[need.revision - 1] as CaseStep).after
      else answers[need.key] = answerNeed(organisation, need, now)
    }
  }
}

/** With what a deed would have been refused at any place in the order. */
function refusalsOf(
  { type, isClick, input }: Deed,
  by: string,
  { people, cards, caseId }: Sample,
  steps: readonly CaseStep[],
  replay: (before: ProcessState, event: ProcessEvent, now: number) => TransitionResult,
): string[] {
  const taskId = isClick && cards ? `${caseId}-1` : undefined
  const {
    toPersonId,
    personIds,
    placement,
    comment,
    text,
    mentionIds,
    reason,
    decision: _,
  } = input(people) as Record<string, never>
  const event = {
    type,
    by,
    ...(taskId && { taskId }),
    ...(type === 'transfer' && { to: toPersonId }),
    ...(type === 'addSign' && { people: personIds, placement }),
    ...(type === 'comment' && { text, mentions: mentionIds }),
    ...(type === 'reject' && { reason: comment }),
    ...(type === 'terminate' && { reason }),
  } as unknown as ProcessEvent
  return steps.flatMap(step => {
    const result = replay(step.after, event, step.at.getTime() + 1)
    return result.kind === 'refused' ? result.code : []
  })
}
