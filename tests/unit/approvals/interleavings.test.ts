import { env } from 'node:process'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { asAppError } from '../../../common/errors.ts'
import {
  type ProcessDefinition,
  type ProcessEvent,
  type ProcessState,
  processDefinition,
  runningTimers,
} from '../../../engine/process/index.ts'
import { act, followPending } from '../../../handlers/approvals/act.ts'
import { emptyMemory, type Memory, memoryServices, NOW, stateOf } from './memory-services.ts'
import { type Done, everySchedule, Stage } from './schedule.ts'

const CASE = 'case1'
/** All schedules of so many first choices: 6 in `npm run soak -- interleavings`, fewer in every run. */
const DEPTH = Number(env.INTERLEAVING_DEPTH ?? 4)
const free = async () => undefined

const manned = (id: string, personIds: string[], mode: object, next: string) => ({
  id,
  type: 'approval' as const,
  name: id,
  approvers: [{ type: 'person' as const, personIds }],
  mode,
  timeLimit: { workingSeconds: 3600 },
  next,
})

/** ann and ben by `mode`, then cat. */
const processOf = (mode: object): ProcessDefinition =>
  processDefinition.parse({
    key: 'test',
    version: 1,
    name: '测试',
    fields: {},
    nodes: [
      { id: 'start', type: 'start', name: '提交', next: 'first' },
      manned('first', ['ann', 'ben'], mode, 'second'),
      manned('second', ['cat'], { type: 'anyOf' }, 'end'),
      { id: 'end', type: 'end', name: '结束' },
    ],
  })

/** What one person does, and under which command. */
interface Deed {
  commandId: string
  event: ProcessEvent & { by: string }
}

const deed = (event: ProcessEvent & { by: string }): Deed => ({ commandId: `${event.type}:${event.by}`, event })
const submit: Deed = { commandId: 'submit', event: { type: 'submit', caseId: CASE, by: 'sales', form: {} } }

const perform = (
  memory: Memory,
  definition: ProcessDefinition,
  { commandId, event }: Deed,
  gate: (call: string) => Promise<void> = free,
) =>
  act(memoryServices(memory, definition, gate), { caseId: CASE, actorId: event.by, commandId, via: 'wecom', event, definition })

async function begun(definition: ProcessDefinition, before: readonly Deed[] = []): Promise<Memory> {
  const memory = emptyMemory()
  for (const one of [submit, ...before]) await perform(memory, definition, one)
  return memory
}

const clone = (memory: Memory): Memory => structuredClone(memory)

/** A result that can be compared: the state that the person was answered with, or the code. */
const told = (done: Done): string =>
  done.ok ? `revision ${(done.value as { revision: number }).revision}` : asAppError(done.error).code

/** What each order of the deeds leads to: the state, and for each deed whether it was taken or with which code it was refused. */
async function serialOutcomes(definition: ProcessDefinition, start: Memory, deeds: readonly Deed[]): Promise<Set<string>> {
  const outcomes = new Set<string>()
  for (const order of permutations(deeds)) {
    const memory = clone(start)
    const answers = new Map<string, string>()
    for (const one of order) {
      const done = await perform(memory, definition, one).then(
        value => ({ ok: true as const, value }),
        error => ({ ok: false as const, error }),
      )
      answers.set(one.commandId, told(done))
    }
    outcomes.add(JSON.stringify({ state: stateOf(memory, CASE), answers: deeds.map(({ commandId }) => answers.get(commandId)) }))
  }
  return outcomes
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]]
  return items.flatMap((item, index) => permutations(items.filter((_, at) => at !== index)).map(rest => [item, ...rest]))
}

/** What lists and cards show fits the committed state. */
function expectProjected(memory: Memory, definition: ProcessDefinition): void {
  const state = stateOf(memory, CASE)
  const waiting = [...memory.timers.values()].filter(timer => timer.state === 'waiting')
  expect(waiting.map(({ _id }) => _id.replace(/@\d+$/, '')).sort()).toEqual(
    runningTimers(definition, state)
      .map(({ timerId }) => timerId)
      .sort(),
  )
  expect(memory.cases.get(CASE)?.revision).toBe(state.revision)
  const asked = state.openTasks.flatMap(({ taskId, assigneeIds }) => assigneeIds.map(id => `${taskId} ${id}`)).sort()
  const open = [...memory.todos.values()].filter(todo => todo.state === 'open')
  expect(open.map(({ assigneeId }) => assigneeId).sort()).toEqual(asked.map(text => text.split(' ')[1] ?? '').sort())
  const finals = [...memory.steps.values()]
    .flatMap(step => step.effects)
    .filter(effect => (effect as { type: string }).type === 'finalised')
  expect(finals).toHaveLength(state.finishedAt === undefined ? 0 : 1)
}

const STORIES: [string, ProcessDefinition, Deed[], Deed[]][] = [
  [
    'two votes of a countersign',
    processOf({ type: 'countersign' }),
    [],
    [deed({ type: 'approve', by: 'ann' }), deed({ type: 'approve', by: 'ben' })],
  ],
  [
    'yes and no where the first decides',
    processOf({ type: 'anyOf' }),
    [],
    [deed({ type: 'approve', by: 'ann' }), deed({ type: 'reject', by: 'ben', reason: '不行' })],
  ],
  [
    'a vote taken back while the next one decides',
    processOf({ type: 'anyOf' }),
    [deed({ type: 'approve', by: 'ann' })],
    [deed({ type: 'retract', by: 'ann' }), deed({ type: 'approve', by: 'cat' })],
  ],
  [
    'yes, no and the submitter who takes it back',
    processOf({ type: 'vote', sharePercent: 50 }),
    [],
    [
      deed({ type: 'approve', by: 'ann' }),
      deed({ type: 'reject', by: 'ben', reason: '不行' }),
      deed({ type: 'withdraw', by: 'sales' }),
    ],
  ],
  [
    'a hand-over, a vote of who handed over, an added signature and an admin who ends it',
    processOf({ type: 'countersign' }),
    [],
    [
      deed({ type: 'transfer', by: 'ann', to: 'dan' }),
      deed({ type: 'approve', by: 'ann' }),
      deed({ type: 'addSign', by: 'ben', people: ['cat'], placement: 'before' }),
      deed({ type: 'terminate', by: 'admin', reason: '重复' }),
    ],
  ],
]

describe('deeds at the same moment, each told twice by the platform, end as in some order one after the other:', () => {
  test.each(STORIES)(
    '%s',
    async (_, definition, before, deeds) => {
      const start = await begun(definition, before)
      const serial = await serialOutcomes(definition, start, deeds)
      const isSmall = deeds.length === 2
      const delivered = isSmall ? deeds.flatMap(one => [one, one]) : deeds
      const seen = new Set<string>()
      const runs = await everySchedule(DEPTH, async choose => {
        const memory = clone(start)
        const stage = new Stage()
        for (const one of delivered) {
          stage.enter(gate => perform(memory, definition, one, call => (call.startsWith('steps.') ? gate() : free())))
        }
        const answers = (await stage.play(choose)).map(told)
        if (isSmall) for (let at = 0; at < answers.length; at += 2) expect(answers[at + 1]).toBe(answers[at])
        const outcome = JSON.stringify({
          state: stateOf(memory, CASE),
          answers: isSmall ? answers.filter((__, at) => at % 2 === 0) : answers,
        })
        seen.add(outcome)
        expect(serial).toContain(outcome)
        expectProjected(memory, definition)
      })
      expect(runs).toBeGreaterThan(2 ** DEPTH)
      expect(seen.size).toBeGreaterThan(1)
    },
    600_000,
  )

  test('also under any schedule to the very end', async () => {
    const [, definition, before, deeds] = STORIES[3] as (typeof STORIES)[number]
    const start = await begun(definition, before)
    const serial = await serialOutcomes(definition, start, deeds)
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat({ max: 1000 })), async numbers => {
        const memory = clone(start)
        const stage = new Stage()
        for (const one of deeds) stage.enter(gate => perform(memory, definition, one, gate))
        const answers = (await stage.play(count => (numbers.next().value ?? 0) % count)).map(told)
        expect(serial).toContain(JSON.stringify({ state: stateOf(memory, CASE), answers }))
        expectProjected(memory, definition)
      }),
      { numRuns: 100 },
    )
  })
})

describe('after a crash between any two calls to the database, with everything delivered again, all is as if nothing had happened:', () => {
  const EVERYTHING: [string, ProcessDefinition, Deed[]][] = STORIES.map(([name, definition, before, deeds]) => [
    name,
    definition,
    [submit, ...before, ...deeds],
  ])

  /** What is there, without the marks of who is to follow. */
  const contents = (memory: Memory) =>
    Object.fromEntries(
      Object.entries(memory).map(([name, rows]) => [
        name,
        [...(rows as Map<string, object>)].sort(([one], [other]) => one.localeCompare(other)),
      ]),
    )

  const refusedOr = (error: unknown): void => {
    if (error instanceof Crash) throw error
    expect(asAppError(error).status).toBeLessThan(500)
  }
  class Crash extends Error {}

  test.each(EVERYTHING)('%s', async (_, definition, deeds) => {
    const whole = emptyMemory()
    let calls = 0
    const count = async () => {
      calls += 1
    }
    for (const one of deeds) await perform(whole, definition, one, count).catch(refusedOr)
    expect(calls).toBeGreaterThan(20)
    for (let crashAt = 1; crashAt <= calls; crashAt += 1) {
      const memory = emptyMemory()
      let call = 0
      const dying = async () => {
        call += 1
        if (call === crashAt) throw new Crash()
      }
      let undelivered = [...deeds]
      try {
        for (const one of deeds) {
          await perform(memory, definition, one, dying).catch(refusedOr)
          undelivered = undelivered.slice(1)
        }
      } catch (error) {
        if (!(error instanceof Crash)) throw error
      }
      await followPending(memoryServices(memory, definition, free), new Date(NOW + 1))
      for (const one of undelivered) await perform(memory, definition, one).catch(refusedOr)
      expect(contents(memory)).toEqual(contents(whole))
    }
  })
})

test('a finished case is over for everybody: whoever comes later is told how it ended, and nothing changes', async () => {
  const definition = processOf({ type: 'anyOf' })
  const memory = await begun(definition, [deed({ type: 'reject', by: 'ben', reason: '不行' })])
  const before: ProcessState = stateOf(memory, CASE)
  for (const late of [deed({ type: 'approve', by: 'ann' }), deed({ type: 'withdraw', by: 'sales' })]) {
    await expect(perform(memory, definition, late)).rejects.toMatchObject({ code: 'approval.already_decided' })
  }
  expect(stateOf(memory, CASE)).toEqual(before)
})
