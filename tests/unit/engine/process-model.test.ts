import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { checkDefinition, type ProcessEvent, type ProcessState } from '../../../engine/process/index.ts'
import { Case, drawn } from './support.ts'
import { amount, blocks, definitionOf, numbered, PEOPLE, people, person, stepsOf } from './support-drawings.ts'
import { type Act, addedSeats, after, begin, behind, leavesOf, type Model, openPeople, shown } from './support-model.ts'

/** A wish of somebody, which becomes an act by what is open when its turn comes. */
const wish = fc.record({
  verb: fc.oneof(
    { weight: 24, arbitrary: fc.constant('approve' as const) },
    { weight: 1, arbitrary: fc.constant('reject' as const) },
    { weight: 8, arbitrary: fc.constant('addSign' as const) },
    { weight: 4, arbitrary: fc.constant('removeSign' as const) },
    { weight: 3, arbitrary: fc.constant('transfer' as const) },
    { weight: 4, arbitrary: fc.constant('return' as const) },
    { weight: 3, arbitrary: fc.constant('resubmit' as const) },
    { weight: 3, arbitrary: fc.constant('retract' as const) },
    { weight: 2, arbitrary: fc.constant('timeout' as const) },
    { weight: 2, arbitrary: fc.constantFrom('skip' as const, 'aside' as const) },
    { weight: 1, arbitrary: fc.constantFrom('withdraw' as const, 'terminate' as const, 'aside' as const) },
  ),
  leaf: fc.nat(),
  who: fc.nat(),
  isAsked: fc.integer({ min: 0, max: 9 }).map(dice => dice < 8),
  other: person,
  crowd: people(2),
  placement: fc.constantFrom('before' as const, 'after' as const, 'parallel' as const),
  to: fc.nat(),
  resume: fc.constantFrom('rerun' as const, 'jumpBack' as const),
})
type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never

function actOf(model: Model, { verb, leaf, who, isAsked, other, crowd, placement, to, resume }: Wish): Act {
  const leaves = leavesOf(model)
  const place = leaves[leaf % Math.max(leaves.length, 1)]
  const at = place?.block.id ?? 'nowhere'
  const open = place && isAsked ? openPeople(place) : []
  const by = open[who % Math.max(open.length, 1)] ?? PEOPLE[who % PEOPLE.length] ?? 'a'
  switch (verb) {
    case 'approve':
    case 'reject':
      return { type: verb, by, at }
    case 'transfer':
      return { type: verb, by, at, to: other === by ? 'f' : other }
    case 'addSign':
      return { type: verb, by, at, people: crowd, placement }
    case 'removeSign': {
      const added = place && isAsked ? addedSeats(place) : []
      const chosen = added[who % Math.max(added.length, 1)]
      return { type: verb, by: chosen?.addedBy ?? by, at, whom: chosen?.person ?? other }
    }
    case 'return': {
      const targets = ['start', ...(place && to % 2 === 0 ? behind(model, place) : stepsOf(model.drawing))]
      return { type: verb, by, at, to: targets[to % targets.length] ?? 'start', resume }
    }
    case 'retract':
      return { type: verb, by: isAsked && model.last ? model.last.by : by }
    case 'timeout':
    case 'skip':
      return { type: verb, at }
    case 'resubmit':
    case 'withdraw':
    case 'terminate':
    case 'aside':
      return { type: verb }
  }
}

const reason = '有原因'

function eventOf(state: ProcessState, act: Act): ProcessEvent {
  const taskAt = (nodeId: string) =>
    state.path.find(entry => entry.nodeId === nodeId && entry.leftAt === undefined)?.entryId ?? 'case1-99'
  switch (act.type) {
    case 'approve':
      return { type: 'approve', by: act.by, taskId: taskAt(act.at) }
    case 'reject':
      return { type: 'reject', by: act.by, taskId: taskAt(act.at), reason }
    case 'transfer':
      return { type: 'transfer', by: act.by, taskId: taskAt(act.at), to: act.to }
    case 'addSign':
      return { type: 'addSign', by: act.by, taskId: taskAt(act.at), people: act.people, placement: act.placement }
    case 'removeSign':
      return { type: 'removeSign', by: act.by, taskId: taskAt(act.at), people: [act.whom] }
    case 'return':
      return { type: 'return', by: act.by, taskId: taskAt(act.at), to: act.to, reason, resume: act.resume }
    case 'retract':
      return { type: 'retract', by: act.by }
    case 'timeout':
      return { type: 'timeout', taskId: taskAt(act.at), rung: 'wait' }
    case 'skip':
      return { type: 'skip', by: 'admin', taskId: taskAt(act.at), reason }
    case 'terminate':
      return { type: 'terminate', by: 'admin', reason }
    case 'aside':
      return { type: 'comment', by: 'me', text: '加油', mentions: [] }
    case 'resubmit':
    case 'withdraw':
      return { type: act.type, by: 'me' }
  }
}

/** Two detours to one step could not be told apart by the step's name, nor two branches that wait for the submitter. */
const isTwice = (model: Model, act: Act): boolean => {
  const waiting = (nodeId: string) => leavesOf(model).filter(({ block }) => block.id === nodeId).length
  return (act.type === 'return' && act.to !== 'start' && waiting(act.to) > 0) || ('at' in act && waiting(act.at) > 1)
}

/** What the engine shows, in the model's words: seats taken away are not shown. */
function engineShows(state: ProcessState): string[] {
  if (state.finishedAt !== undefined) return [state.status]
  const parts = drawn(state).match(/[^\s[]+(\[[^\]]*\])?/g) ?? []
  return parts
    .map(part => {
      const [id = '', seats] = part.replace(']', '').split('[')
      if (seats === undefined) return id
      const kept = seats.split(' ').filter(seat => !seat.endsWith('x'))
      return `${id}[${kept.sort().join(' ')}]`
    })
    .sort()
}

const wishes = fc.array(wish, { minLength: 20, maxLength: 60, size: 'max' })
const drawings = fc.array(blocks, { minLength: 2, maxLength: 3, size: 'max' }).map(lines => numbered(lines.flat()))
const stories = fc.record({ drawing: drawings, amount, wishes })

/** Short steps in a long row, with much sending back and forth. */
const journeys = fc.record({
  drawing: fc
    .array(person, { minLength: 4, maxLength: 6, size: 'max' })
    .map(row => numbered(row.map(one => ({ type: 'step', id: '', mode: { type: 'anyOf' }, people: [one], isSentBack: true })))),
  amount,
  wishes: fc.array(
    fc.tuple(wish, fc.integer({ min: 0, max: 9 })).map(([one, dice]): Wish => {
      const verb = dice < 5 ? 'approve' : dice < 8 ? 'return' : 'resubmit'
      return { ...one, verb, isAsked: true }
    }),
    { minLength: 40, maxLength: 60, size: 'max' },
  ),
})

type Story = typeof stories extends fc.Arbitrary<infer T> ? T : never

/** Lets the engine and the model live through a story, and tells which acts came to pass. */
function tell({ drawing, amount: amountMinor, wishes: wanted }: Story, seen: Map<string, number>): void {
  const engine = new Case(definitionOf(drawing), { superiors: {}, roles: {}, admins: ['admin'] })
  engine.submit({ amountMinor }, 'me')
  let model = begin(drawing, amountMinor)
  expect(engineShows(engine.current)).toEqual(shown(model))
  for (const one of wanted) {
    const isOver = model.status !== 'running'
    const act = actOf(model, one)
    if (isTwice(model, act)) continue
    const event = eventOf(engine.current, act)
    const next = after(model, act)
    if (next) engine.do(event)
    else engine.refusal(event)
    model = next ?? model
    expect(engineShows(engine.current)).toEqual(shown(model))
    if (next) seen.set(act.type, (seen.get(act.type) ?? 0) + 1)
    if (isOver) break
  }
}

/** A verb that never came to pass was held against nothing. */
function expectSeen(seen: ReadonlyMap<string, number>, verbs: readonly string[]): void {
  for (const verb of verbs) expect({ verb, isProven: seen.has(verb) }).toEqual({ verb, isProven: true })
}

describe('the engine and the reference model agree on every act: refused or not, who is asked then, which votes stand, how it ends', () => {
  test('for random drawings and random people', () => {
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(stories, story => tell(story, seen)),
      { numRuns: 120 },
    )
    expectSeen(seen, [
      'approve',
      'reject',
      'addSign',
      'removeSign',
      'transfer',
      'return',
      'resubmit',
      'retract',
      'timeout',
      'skip',
    ])
  })

  test('for long ways with much sending back and forth', () => {
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(journeys, story => tell(story, seen)),
      { numRuns: 60 },
    )
    expectSeen(seen, ['approve', 'return', 'resubmit'])
  })

  test('random drawings are definitions without a fault', () => {
    fc.assert(
      fc.property(blocks, line => {
        const shape = checkDefinition(definitionOf(numbered(line))).filter(({ code }) => !code.startsWith('process.branch_'))
        expect(shape).toEqual([])
      }),
    )
  })
})
