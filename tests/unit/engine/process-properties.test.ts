import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  type Effect,
  isFinished,
  isManned,
  type ProcessEvent,
  type ProcessState,
  previewRoute,
  processDefinition,
  processState,
  readState,
  runningTimers,
} from '../../../engine/process/index.ts'
import { answersFor, type Company, MONDAY_9, run } from './support.ts'
import { aimed, companies, definitions, events, forms } from './support-arbitraries.ts'

const submission = fc.record({
  type: fc.constant('submit' as const),
  caseId: fc.constant('case'),
  by: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  form: forms,
})

/** While the story is told the company changes once: people leave, roles and delegations change. */
const stories = fc.record({
  definition: definitions,
  companies: fc.tuple(companies, companies),
  submission,
  events: fc.array(events, { minLength: 20, maxLength: 60, size: 'max' }),
})
type Story = typeof stories extends fc.Arbitrary<infer T> ? T : never

interface Step {
  event: ProcessEvent
  now: number
  people: Company
  before: ProcessState | null
  after: ProcessState
  effects: Effect[]
  refusedCode?: string
}

/** Tells a story, one event a minute, with everything frozen that the engine is given. */
function tell({ definition, companies: [first, second], submission: submit, events: later }: Story): Step[] {
  const steps: Step[] = []
  const log: ProcessState[] = []
  let state: ProcessState | null = null
  for (const [index, wanted] of [submit, ...later].entries()) {
    const now = MONDAY_9 + index * 60_000
    const people = index < 10 ? first : second
    const before = freeze(state)
    const event = freeze(aimed(wanted, state, people))
    const result = run(freeze(definition), before, event, { now, people, log })
    if (result.kind === 'next') state = result.state
    if (!state) throw new Error('a submission was refused')
    if (result.kind === 'next') log.push(state)
    const refusedCode = result.kind === 'refused' ? { refusedCode: result.code } : {}
    steps.push({
      event,
      now,
      people,
      before,
      after: state,
      effects: result.kind === 'next' ? result.effects : [],
      ...refusedCode,
    })
  }
  return steps
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) freeze(part)
  }
  return value
}

const accepted = (steps: Step[]): Step[] => steps.filter(({ refusedCode }) => !refusedCode)
const active = (state: ProcessState) => state.path.filter(({ leftAt }) => leftAt === undefined)
const byCodeUnits = (ids: Iterable<string>): string[] => [...ids].sort()

/** What holds in every story. */
const LAWS: [string, (steps: Step[], story: Story) => void][] = [
  [
    'a case never stands still without saying why, and a finished one asks nobody',
    steps => {
      for (const { after } of accepted(steps)) {
        const places = active(after)
        expect(places.length > 0).toBe(!isFinished(after))
        expect(after.status === 'incident').toBe(after.incidents.length > 0)
        expect(isFinished(after)).toBe(['approved', 'rejected', 'withdrawn', 'terminated'].includes(after.status))
        for (const { entryId, type } of places) {
          const isAsking = after.openTasks.some(task => task.taskId === entryId)
          const isStopped = after.incidents.some(incident => incident.entryId === entryId)
          const isWaiting = ['timer', 'service', 'subProcess'].includes(type)
          expect([isAsking, isStopped, isWaiting && !isStopped].filter(Boolean)).toHaveLength(1)
        }
        const standing = new Set(places.map(({ entryId }) => entryId))
        expect(after.openTasks.every(({ taskId }) => standing.has(taskId))).toBe(true)
      }
    },
  ],
  [
    'an open task asks somebody, each once, and never the submitter but to resubmit',
    steps => {
      for (const { after } of accepted(steps)) {
        for (const { assigneeIds, kind } of after.openTasks) {
          expect(assigneeIds.length).toBeGreaterThan(0)
          expect(new Set(assigneeIds).size).toBe(assigneeIds.length)
          expect(assigneeIds.includes(after.submitterId)).toBe(kind === 'resubmit')
        }
      }
    },
  ],
  [
    'a case has one outcome, told once when it ends, and nothing happens after it',
    steps => {
      const last = steps.at(-1)?.after
      const finals = steps.flatMap(({ effects }) => effects.filter(({ type }) => type === 'finalised'))
      expect(finals).toHaveLength(last && isFinished(last) ? 1 : 0)
      for (const { before, after, refusedCode } of steps) {
        if (!before || !isFinished(before)) continue
        expect(refusedCode).toBeDefined()
        expect(after).toBe(before)
      }
    },
  ],
  [
    'every fork has a token in each branch that has not arrived, and in no other',
    steps => {
      for (const { after } of accepted(steps)) {
        for (const { forkId, branches, arrived } of after.openForks) {
          const depth = after.path.find(({ entryId }) => entryId === forkId)?.forks.length ?? 0
          const inside = active(after).filter(({ forks }) => forks[depth] === forkId)
          const branchOf = ({ forks, branch }: ProcessState['path'][number]) =>
            after.path.find(({ entryId }) => entryId === forks[depth + 1])?.branch ?? branch
          expect(new Set(inside.map(branchOf)).size).toBe(branches - arrived)
        }
        const open = new Set(after.openForks.map(({ forkId }) => forkId))
        expect(active(after).every(({ forks }) => forks.every(forkId => open.has(forkId)))).toBe(true)
      }
    },
  ],
  [
    'what was decided is never rewritten, but by who takes back their own',
    steps => {
      for (const { before, after, event } of accepted(steps)) {
        if (event.type === 'retract') continue
        before?.path.forEach((entry, place) => {
          if (entry.outcome) expect(after.path[place]).toEqual(entry)
        })
      }
    },
  ],
  [
    'only a person who is asked decides, hands on or sends back',
    steps => {
      for (const { event, before } of accepted(steps)) {
        if (event.type !== 'approve' && event.type !== 'reject' && event.type !== 'transfer' && event.type !== 'return') continue
        const seats = before?.openTasks.flatMap(task => before.path.find(({ entryId }) => entryId === task.taskId)?.seats ?? [])
        const isAsked = seats?.some(seat => seat.status === 'open' && [seat.personId, seat.delegateId].includes(event.by))
        expect(isAsked).toBe(true)
      }
    },
  ],
  [
    'the effects keep the world in step: to-dos, timers, incidents, child cases',
    (steps, { definition }) => {
      const [asked, timers, incidents, children] = [new Set<string>(), new Set<string>(), new Set<string>(), new Set<string>()]
      for (const { after, effects, event } of accepted(steps)) {
        if (event.type === 'timeout') timers.delete(`${event.taskId}:${event.rung}`)
        if (event.type === 'childFinished') children.delete(event.childCaseId)
        for (const effect of effects) {
          if (effect.type === 'asked') expect(asked.size).toBe(asked.add(`${effect.taskId} ${effect.personId}`).size - 1)
          if (effect.type === 'released') expect(asked.delete(`${effect.taskId} ${effect.personId}`)).toBe(true)
          if (effect.type === 'timerSet') expect(timers.size).toBe(timers.add(effect.timerId).size - 1)
          if (effect.type === 'timerCancelled') expect(timers.delete(effect.timerId)).toBe(true)
          if (effect.type === 'incidentRaised') expect(incidents.size).toBe(incidents.add(effect.entryId).size - 1)
          if (effect.type === 'incidentResolved') expect(incidents.delete(effect.entryId)).toBe(true)
          if (effect.type === 'childRequested') children.add(effect.childCaseId)
          if (effect.type === 'childCancelled') expect(children.delete(effect.childCaseId)).toBe(true)
        }
        const asking = after.openTasks.flatMap(({ taskId, assigneeIds }) => assigneeIds.map(id => `${taskId} ${id}`))
        expect(byCodeUnits(asked)).toEqual(byCodeUnits(asking))
        expect(byCodeUnits(timers)).toEqual(byCodeUnits(runningTimers(definition, after).map(({ timerId }) => timerId)))
        expect(byCodeUnits(incidents)).toEqual(byCodeUnits(after.incidents.map(({ entryId }) => entryId)))
        expect(byCodeUnits(children)).toEqual(byCodeUnits(active(after).flatMap(({ childCaseId = [] }) => childCaseId)))
      }
    },
  ],
  [
    'each accepted event is one revision, and no id is used twice',
    steps => {
      const all = accepted(steps)
      expect(all.map(({ after }) => after.revision)).toEqual(all.map((_, index) => index + 1))
      const effectIds = all.flatMap(({ effects }) => effects.map(({ id }) => id))
      expect(new Set(effectIds).size).toBe(effectIds.length)
      for (const { after } of all) {
        const entryIds = after.path.map(({ entryId }) => entryId)
        expect(new Set(entryIds).size).toBe(entryIds.length)
        for (const { seats } of after.path) expect(new Set(seats.map(({ seatId }) => seatId)).size).toBe(seats.length)
      }
    },
  ],
  [
    'every state survives storing',
    steps => {
      for (const { after } of accepted(steps)) {
        const stored: unknown = JSON.parse(JSON.stringify(after))
        expect(processState.parse(stored)).toStrictEqual(after)
        expect(readState(stored)).toStrictEqual(after)
      }
    },
  ],
  [
    'telling the accepted events again from storage gives the same states and effects, byte for byte',
    (steps, { definition }) => {
      const log: ProcessState[] = []
      let state: ProcessState | null = null
      for (const { event, now, people, after, effects } of accepted(steps)) {
        const stored: ProcessState | null = state && JSON.parse(JSON.stringify(state))
        const again = run(definition, stored, event, { now, people, log })
        if (again.kind !== 'next') throw new Error('the replay was refused')
        expect(JSON.stringify(again)).toBe(JSON.stringify({ kind: 'next', state: after, effects }))
        state = again.state
        log.push(state)
      }
    },
  ],
]

describe('whatever people do, in whatever order', () => {
  test.each(LAWS)('%s', (_, law) => {
    fc.assert(
      fc.property(stories, story => law(tell(story), story)),
      { numRuns: 25 },
    )
  })

  test('every verb comes to pass somewhere in such stories, so that the laws are held against it', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(stories, story => {
        for (const { event } of accepted(tell(story))) seen.add(event.type)
      }),
      { numRuns: 150, seed: 2026 },
    )
    const verbs = ['submit', 'approve', 'reject', 'return', 'resubmit', 'withdraw', 'transfer', 'addSign', 'removeSign', 'urge']
    const more = [
      'comment',
      'copy',
      'retract',
      'delegate',
      'handOver',
      'reassign',
      'skip',
      'reroute',
      'terminate',
      'resolve',
      'timeout',
    ]
    expect([...verbs, ...more, 'serviceFinished', 'childFinished'].filter(verb => !seen.has(verb))).toEqual([])
  })
})

describe('random definitions', () => {
  test('parse and survive storing', () => {
    fc.assert(
      fc.property(definitions, definition =>
        expect(processDefinition.parse(JSON.parse(JSON.stringify(definition)))).toEqual(definition),
      ),
    )
  })

  test('a preview names exactly the people who are then asked', () => {
    fc.assert(
      fc.property(askingAgain, companies, submission, (definition, company, submit) => {
        const present = { ...company, standIns: {} }
        const draft = { by: submit.by, form: { ...submit.form, title: 't' } }
        let answers: Record<string, string[]> = {}
        let route = previewRoute(definition, draft, { now: MONDAY_9, answers })
        while (route.kind === 'needs') {
          answers = { ...answers, ...answersFor(route.needs, present) }
          route = previewRoute(definition, draft, { now: MONDAY_9, answers })
        }
        const last = approvedAllTheWay(definition, { ...submit, form: draft.form }, present)
        const met = last.path.filter(({ seats, outcome }) => seats.length > 0 && outcome !== 'passed')
        const byNode = (steps: { nodeId: string; ids: string[] }[]) =>
          Object.fromEntries(steps.map(({ nodeId, ids }) => [nodeId, ids]))
        expect(
          byNode(
            route.steps
              .filter(({ kind }) => kind === 'approval' || kind === 'handle')
              .map(({ nodeId, assigneeIds: ids }) => ({ nodeId, ids })),
          ),
        ).toEqual(byNode(met.map(({ nodeId, seats }) => ({ nodeId, ids: seats.map(({ personId }) => personId) }))))
        expect(route.stop !== undefined).toBe(last.incidents.length > 0)
      }),
      { numRuns: 100 },
    )
  })
})

/** Whose earlier approval will count is not known before it is given. */
const askingAgain = definitions.map(definition => ({
  ...definition,
  nodes: definition.nodes.map(node => (isManned(node) ? { ...node, whenRepeated: 'ask' as const } : node)),
}))

/** Everybody approves, every command and timer is done, until the case ends or stands still. */
function approvedAllTheWay(definition: Story['definition'], submit: Story['submission'], people: Company): ProcessState {
  let result = run(definition, null, submit, { people })
  for (let round = 0; result.kind === 'next' && !isFinished(result.state) && round < 500; round += 1) {
    const { state } = result
    const [task] = state.openTasks
    const work = active(state).find(({ type }) => type === 'timer' || type === 'service' || type === 'subProcess')
    if (!task && !work) return state
    result = run(definition, state, task ? { type: 'approve', by: task.assigneeIds[0] ?? '', taskId: task.taskId } : done(work), {
      people,
    })
  }
  if (result.kind !== 'next') throw new Error(`refused: ${result.code}`)
  return result.state
}

function done(entry: ProcessState['path'][number] | undefined): ProcessEvent {
  const { entryId = '', type, childCaseId = '' } = entry ?? {}
  if (type === 'timer') return { type: 'timeout', taskId: entryId, rung: 'wait' }
  if (type === 'service') return { type: 'serviceFinished', entryId, ok: true }
  return { type: 'childFinished', entryId, childCaseId, outcome: 'approved' }
}
