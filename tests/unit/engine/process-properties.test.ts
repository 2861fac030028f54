import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  type ApproverRule,
  checkDefinition,
  type Effect,
  isFinished,
  type ProcessDefinition,
  type ProcessEvent,
  type ProcessForm,
  type ProcessNode,
  type ProcessState,
  previewRoute,
  processDefinition,
  processState,
} from '../../../engine/process/index.ts'
import { answersFor, type Company, MONDAY_9, run } from './support.ts'

const people = ['a', 'b', 'c', 'd']
const person = fc.constantFrom(...people)
const group = fc.uniqueArray(person, { maxLength: 3 })

const companies: fc.Arbitrary<Company> = fc.record({
  superiors: fc.dictionary(person, person, { noNullPrototype: true }),
  roles: fc.record({ x: group, y: group }, { noNullPrototype: true }),
  admins: group,
})

const rules: fc.Arbitrary<ApproverRule> = fc.oneof(
  fc.record({ type: fc.constant('person'), personIds: fc.uniqueArray(person, { minLength: 1, maxLength: 2 }) }),
  fc.constant<ApproverRule>({ type: 'superior' }),
  fc.constant<ApproverRule>({ type: 'departmentHead' }),
  fc.record({ type: fc.constant('role'), role: fc.constantFrom('x', 'y') }),
  fc.constant<ApproverRule>({ type: 'memberField', field: 'manager' }),
)

/** Nodes in a row; a branch may jump ahead over some of them. */
const definitions: fc.Arbitrary<ProcessDefinition> = fc
  .array(
    fc.oneof(
      { weight: 2, arbitrary: fc.record({ approvers: fc.array(rules, { minLength: 1, maxLength: 2 }) }) },
      { weight: 1, arbitrary: fc.record({ limit: fc.integer({ min: 0, max: 2 }), ahead: fc.integer({ min: 1, max: 3 }) }) },
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map(parts => {
    const idAt = (place: number) => (place < parts.length ? `n${place}` : 'end')
    const nodes = parts.map((part, place): ProcessNode => {
      const id = idAt(place)
      if ('approvers' in part)
        return { id, type: 'approval', name: id, approvers: part.approvers, mode: 'anyOf', next: idAt(place + 1) }
      const when = { field: 'amountMinor', op: 'gt', value: part.limit } as const
      return { id, type: 'exclusive', name: id, branches: [{ when, next: idAt(place + part.ahead) }], otherwise: idAt(place + 1) }
    })
    return {
      key: 'random',
      version: 1,
      name: 'random',
      fields: { amountMinor: { type: 'money', label: '金额' }, manager: { type: 'person', label: '经理' } },
      nodes: [{ id: 'start', type: 'start', name: 'start', next: idAt(0) }, ...nodes, { id: 'end', type: 'end', name: 'end' }],
    }
  })

const forms: fc.Arbitrary<ProcessForm> = fc.record(
  { amountMinor: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 0, max: 3 }) }, fc.constant('3')), manager: person },
  { requiredKeys: [], noNullPrototype: true },
)

const taskId = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  fc.integer({ min: 0, max: 4 }).map(place => `case-${place}`),
)
const events: fc.Arbitrary<ProcessEvent> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('approve'), by: person, taskId }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('reject'), by: person, taskId, reason: fc.constantFrom('no', ' ') }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('transfer'), by: person, taskId, to: person }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('withdraw'), by: person }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('urge'), by: person }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('resolve'), by: person, assign: group, goTo: fc.constantFrom('n1', 'n2', 'end') }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('submit'), caseId: fc.constant('case'), by: person, form: forms }) },
)

const stories = fc.record({
  definition: definitions,
  company: companies,
  submission: fc.record({ type: fc.constant('submit'), caseId: fc.constant('case'), by: person, form: forms }),
  events: fc.array(events, { maxLength: 25 }),
})
type Story = typeof stories extends fc.Arbitrary<infer T> ? T : never

interface Step {
  event: ProcessEvent
  now: number
  before: ProcessState | null
  after: ProcessState
  effects: Effect[]
  refusedCode?: string
}

/** Tells a story, one event a minute, with everything frozen that the engine is given. */
function tell({ definition, company, submission, events: later }: Story): Step[] {
  const steps: Step[] = []
  let state: ProcessState | null = null
  for (const [index, event] of [submission, ...later].entries()) {
    const now = MONDAY_9 + index * 60_000
    const before = freeze(state)
    const result = run(freeze(definition), before, freeze(event), { now, people: company })
    if (result.kind === 'next') state = result.state
    if (!state) throw new Error('a submission was refused')
    const refusedCode = result.kind === 'refused' ? { refusedCode: result.code } : {}
    steps.push({ event, now, before, after: state, effects: result.kind === 'next' ? result.effects : [], ...refusedCode })
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

const always = (law: (steps: Step[], story: Story) => void) =>
  fc.assert(
    fc.property(stories, story => law(tell(story), story)),
    { numRuns: 400 },
  )

describe('whatever people do, in whatever order', () => {
  test('a case that runs asks somebody, never its submitter; a case that stands still says why; a finished one asks nobody', () => {
    always(steps => {
      for (const { after } of steps) {
        expect(after.openTasks.length > 0).toBe(after.status === 'running')
        expect(after.incident !== undefined).toBe(after.status === 'incident')
        expect(isFinished(after)).toBe(['approved', 'rejected', 'withdrawn'].includes(after.status))
        for (const { assigneeIds } of after.openTasks) {
          expect(assigneeIds.length).toBeGreaterThan(0)
          expect(new Set(assigneeIds).size).toBe(assigneeIds.length)
          expect(assigneeIds).not.toContain(after.submitterId)
        }
      }
    })
  })

  test('a case never has two outcomes, and is finalised exactly once, when it finishes', () => {
    always(steps => {
      const finals = steps.flatMap(({ effects }) => effects.filter(({ type }) => type === 'finalised'))
      const last = steps.at(-1)?.after
      expect(finals).toHaveLength(last && isFinished(last) ? 1 : 0)
      for (const { before, after, refusedCode } of steps) {
        if (!before || !isFinished(before)) continue
        expect(refusedCode).toBeDefined()
        expect(after).toBe(before)
      }
    })
  })

  test('replaying the accepted events gives the same states and effects, byte for byte', () => {
    always((steps, { definition, company }) => {
      let state: ProcessState | null = null
      for (const { event, now, after, effects, refusedCode } of steps) {
        if (refusedCode) continue
        const stored: ProcessState | null = state && JSON.parse(JSON.stringify(state))
        const again = run(definition, stored, event, { now, people: company })
        if (again.kind !== 'next') throw new Error('the replay was refused')
        expect(JSON.stringify(again)).toBe(JSON.stringify({ kind: 'next', state: after, effects }))
        state = again.state
      }
    })
  })

  test('every state survives storing and parsing', () => {
    always(steps => {
      for (const { after } of steps) expect(processState.parse(JSON.parse(JSON.stringify(after)))).toStrictEqual(after)
    })
  })

  test('only a person whom the open task names decides or hands on', () => {
    always(steps => {
      for (const { event, before, refusedCode } of steps) {
        if (refusedCode || !['approve', 'reject', 'transfer'].includes(event.type)) continue
        expect(before?.openTasks.some(({ assigneeIds }) => assigneeIds.includes(event.by))).toBe(true)
      }
    })
  })

  test('each accepted event is one revision, effect ids never repeat, and every task opened is closed at most once', () => {
    always(steps => {
      const accepted = steps.filter(({ refusedCode }) => !refusedCode)
      expect(accepted.map(({ after }) => after.revision)).toEqual(accepted.map((_, index) => index + 1))
      const effects = accepted.flatMap(step => step.effects)
      expect(new Set(effects.map(({ id }) => id)).size).toBe(effects.length)
      const idsOf = (type: Effect['type']) =>
        effects.flatMap(effect => (effect.type === type && 'taskId' in effect ? [effect.taskId] : []))
      const opened = idsOf('taskOpened')
      const closed = idsOf('taskClosed')
      const stillOpen = steps.at(-1)?.after.openTasks.map(task => task.taskId)
      expect(new Set(opened).size).toBe(opened.length)
      expect([...closed, ...(stillOpen ?? [])].sort()).toEqual(opened.sort())
    })
  })

  test('what was decided is never rewritten', () => {
    always(steps => {
      for (const { before, after } of steps) {
        before?.path.forEach((entry, place) => {
          if (entry.outcome) expect(after.path[place]).toEqual(entry)
        })
      }
    })
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
      fc.property(stories, ({ definition, company, submission }) => {
        const draft = { by: submission.by, form: submission.form }
        let answers: Record<string, string[]> = {}
        let route = previewRoute(definition, draft, { now: MONDAY_9, answers })
        while (route.kind === 'needs') {
          answers = { ...answers, ...answersFor(route.needs, company) }
          route = previewRoute(definition, draft, { now: MONDAY_9, answers })
        }
        let result = run(definition, null, submission, { people: company })
        while (result.kind === 'next' && result.state.status === 'running') {
          const by = result.state.openTasks[0]?.assigneeIds[0] ?? ''
          result = run(definition, result.state, { type: 'approve', by }, { people: company })
        }
        if (result.kind !== 'next') throw new Error('an approver was refused')
        const asked = result.state.path.filter(entry => entry.taskId !== undefined)
        expect(route.steps.map(({ nodeId, assigneeIds }) => [nodeId, assigneeIds])).toEqual(
          asked.map(({ nodeId, assigneeIds }) => [nodeId, assigneeIds]),
        )
        expect(route.stop).toBe(result.state.incident?.why)
      }),
      { numRuns: 400 },
    )
  })

  test('whose nodes are all within reach have no fault', () => {
    fc.assert(fc.property(definitions, definition => expect(checkDefinition(definition)).toEqual([])))
  })

  test('that pass the check never lead a case into nowhere', () => {
    const rewired = fc
      .tuple(stories, fc.nat({ max: 5 }), fc.constantFrom('start', 'n0', 'n1', 'n2', 'end', 'gone'))
      .map(([story, place, next]) => {
        const nodes = story.definition.nodes.map((node, index) => (index === place && 'next' in node ? { ...node, next } : node))
        return { ...story, definition: { ...story.definition, nodes } }
      })
    fc.assert(
      fc.property(rewired, story => {
        fc.pre(checkDefinition(story.definition).length === 0)
        expect(tell(story).map(({ refusedCode }) => refusedCode)).not.toContain('approval.definition_invalid')
      }),
    )
  })
})
