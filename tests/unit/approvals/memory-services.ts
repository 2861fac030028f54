import { createLocalTime } from '../../../common/time.ts'
import { fixedZone, OFFICE_WEEK, openCalendar } from '../../../engine/calendar/index.ts'
import type { ProcessDefinition, ProcessState } from '../../../engine/process/index.ts'
import type { CaseSubject } from '../../../handlers/kernel/case-subject.ts'
import type { Services } from '../../../handlers/kernel/services.ts'
import { Organisation } from '../../../handlers/people/organisation.ts'
import type { CaseDoc } from '../../../models/approvals/index.ts'
import type { StepDoc } from '../../../models/kernel/steps.ts'

/** 2026-11-23 09:00 in Shanghai, a Monday. It stands still: what differs, differs by order alone. */
export const NOW = Date.UTC(2026, 10, 23, 1)

/** What the database holds, by collection and id. */
export interface Memory {
  steps: Map<string, StepDoc>
  cases: Map<string, CaseDoc>
  todos: Map<string, { _id: string; revision: number; state: string; assigneeId: string }>
  cards: Map<string, { _id: string; personId: string }>
  outbox: Map<string, { _id: string }>
  timers: Map<string, { _id: string; state: string }>
}

export const emptyMemory = (): Memory => ({
  steps: new Map(),
  cases: new Map(),
  todos: new Map(),
  cards: new Map(),
  outbox: new Map(),
  timers: new Map(),
})

/** Stands before each call to the database: waits for its turn, or dies with the process. */
export type Gate = (call: string) => Promise<void>

const PEOPLE = ['sales', 'ann', 'ben', 'cat', 'dan', 'admin']

const organisation = new Organisation(
  PEOPLE.map(name => ({
    _id: name,
    name,
    accounts: [
      {
        key: `wecom:corp:${name}`,
        platform: 'wecom',
        corp: 'corp',
        userId: name,
        departmentIds: [],
        leaderOf: [],
        roles: [],
        active: true,
      },
    ],
    assigned: { roles: [], isAdmin: name === 'admin' },
    active: true,
    createdAt: new Date(NOW),
  })),
  [],
)

const time = createLocalTime('Asia/Shanghai')
const workTime = openCalendar(
  { id: 'default', name: '标准', revision: 1, week: OFFICE_WEEK, days: [], publishedYears: [2026] } as never,
  fixedZone(8 * 60),
)

const duplicateKey = (field: string): Error =>
  Object.assign(new Error(`E11000 duplicate key error: ${field}`), { code: 11000, keyPattern: { [field]: 1 } })

const copy = <T>(value: T): T => structuredClone(value)

const subject: CaseSubject = {
  facts: state => ({
    kind: '测试',
    number: state.caseId,
    title: '测试',
    facts: [],
    record: `test:${state.caseId}`,
    attachmentIds: [],
  }),
  begin: async (_, draft) => draft.form,
  follow: async () => undefined,
}

/**
 * The services that deciding needs, over collections in memory that keep what the database promises: one insert by id and by command,
 * and writes that follow a revision.
 */
export function memoryServices(memory: Memory, definition: ProcessDefinition, gate: Gate): Services {
  const gated =
    <Args extends unknown[], Result>(name: string, run: (...args: Args) => Result) =>
    async (...args: Args): Promise<Result> => {
      await gate(name)
      return run(...args)
    }
  const stepsOf = (caseId: string) => [...memory.steps.values()].filter(step => step.caseId === caseId)
  const models = {
    steps: {
      byCommand: gated('steps.byCommand', (commandId: string) =>
        copy([...memory.steps.values()].find(step => step.commandId === commandId) ?? null),
      ),
      latest: gated('steps.latest', (caseId: string) => copy(stepsOf(caseId).sort((a, b) => b.revision - a.revision)[0] ?? null)),
      // As if this process had slept through the last step: what is at hand may always lag.
      recent: (caseId: string) => copy(stepsOf(caseId).sort((a, b) => b.revision - a.revision)[1]),
      at: gated('steps.at', (caseId: string, revision: number) =>
        copy(stepsOf(caseId).find(step => step.revision === revision) ?? null),
      ),
      insert: gated('steps.insert', (step: StepDoc) => {
        if (memory.steps.has(step._id)) throw duplicateKey('_id')
        if ([...memory.steps.values()].some(({ commandId }) => commandId === step.commandId)) throw duplicateKey('commandId')
        memory.steps.set(step._id, copy(step))
      }),
      pending: gated('steps.pending', () => copy([...memory.steps.values()].filter(({ pending }) => pending))),
      attempted: gated('steps.attempted', () => undefined),
      followed: gated('steps.followed', (id: string) => {
        const { pending: _, ...rest } = memory.steps.get(id) as StepDoc
        memory.steps.set(id, rest)
      }),
    },
    processes: { version: gated('processes.version', () => ({ definition })) },
    cases: {
      state: gated('cases.state', (id: string) => copy(memory.cases.get(id)?.state)),
      follow: gated('cases.follow', (head: CaseDoc) => {
        if ((memory.cases.get(head._id)?.revision ?? 0) < head.revision) memory.cases.set(head._id, copy(head))
      }),
    },
    todos: {
      follow: gated('todos.follow', (todos: { _id: string; revision: number; state: string; assigneeId: string }[]) => {
        for (const todo of todos) {
          if ((memory.todos.get(todo._id)?.revision ?? 0) < todo.revision) memory.todos.set(todo._id, copy(todo))
        }
      }),
    },
    cards: {
      want: gated('cards.want', (cards: { _id: string; personId: string }[]) => {
        for (const card of cards) if (!memory.cards.has(card._id)) memory.cards.set(card._id, copy(card))
      }),
      touch: gated('cards.touch', () => undefined),
    },
    outbox: {
      put: gated('outbox.put', (messages: { _id: string }[]) => {
        for (const message of messages) if (!memory.outbox.has(message._id)) memory.outbox.set(message._id, copy(message))
      }),
    },
    timers: {
      waiting: gated('timers.waiting', () =>
        [...memory.timers.values()].filter(({ state }) => state === 'waiting').map(({ _id }) => _id),
      ),
      set: gated('timers.set', (timers: { _id: string }[]) => {
        for (const timer of timers)
          if (!memory.timers.has(timer._id)) memory.timers.set(timer._id, { ...timer, state: 'waiting' })
      }),
      stop: gated('timers.stop', (ids: string[]) => {
        for (const _id of ids) memory.timers.set(_id, { ...memory.timers.get(_id), _id, state: 'cancelled' })
      }),
    },
  }
  const calendars = { ofPeople: () => workTime, revisions: () => [] }
  return {
    models,
    clock: { now: () => NOW },
    time,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    links: { h5: (route: string) => route, admin: () => '/admin/' },
    organisation: { current: async () => organisation, forget: () => undefined },
    calendars: { current: async () => calendars },
    caseSubjects: { get: () => subject, commands: new Map() },
    poke: () => undefined,
  } as unknown as Services
}

/** The committed state of a case. */
export function stateOf(memory: Memory, caseId: string): ProcessState {
  const last = [...memory.steps.values()].filter(step => step.caseId === caseId).sort((a, b) => b.revision - a.revision)[0]
  return last?.after as ProcessState
}
