import { approvalsList } from '../../handlers/approvals/index.ts'
import { ask } from '../../handlers/kernel/execute.ts'
import { todosList } from '../../handlers/todos/index.ts'
import type { CaseDoc } from '../../models/approvals/index.ts'
import type { StepDoc } from '../../models/kernel/steps.ts'
import type { TodoDoc } from '../../models/todos/index.ts'
import type { Company } from './approvals-company.ts'
import { median, round } from './numbers.ts'
import type { Row } from './report.ts'

const OPEN = 50
const BEHIND = [1, 1_000, 100_000]
const BATCH = 2_000
const ROUNDS = 15
const MINUTE_MS = 60_000

/** What one finished case leaves: its head, its two steps, and the to-do of the person who decided it. */
interface Past {
  head: CaseDoc
  steps: StepDoc[]
  todo: TodoDoc
}

/** Copies of a real finished case of this person, each at its own minute of the past. */
function pastOf(sample: Past, serial: number, nowMs: number): Past {
  const at = new Date(nowMs - serial * MINUTE_MS)
  const caseId = `past${serial}`
  const { head, steps, todo } = structuredClone(sample)
  return {
    head: { ...head, _id: caseId, number: `HT-2020-${serial}`, submittedAt: at, finishedAt: at, updatedAt: at },
    steps: steps.map((step, index) => ({ ...step, _id: `${caseId}:${index}`, caseId, commandId: `past${serial}-${index}`, at })),
    todo: { ...todo, _id: `todo:${caseId}`, createdAt: at, doneAt: at },
  }
}

/** Listing what waits for somebody, with ever more finished cases of theirs behind it. */
export async function benchLists(company: Company): Promise<Row[]> {
  const { services, organisation } = company
  const { models } = services
  // Finance is the last to decide, and decides them all.
  const sample = await company.finished()
  const personId = sample.todo.assigneeId
  const viewer = organisation.viewer(personId)
  await company.waitingFor(personId, OPEN)
  const nowMs = services.clock.now()
  const lists: Record<string, () => Promise<unknown>> = {
    '50 to-dos': () => ask(services, todosList, { state: 'open', limit: OPEN }, viewer, 'h5'),
    '50 approvals that wait': () => ask(services, approvalsList, { box: 'waiting', limit: OPEN }, viewer, 'h5'),
    '50 approvals that were decided': () => ask(services, approvalsList, { box: 'done', limit: OPEN }, viewer, 'h5'),
  }
  const times: Record<string, number[]> = {}
  let made = 0
  for (const behind of BEHIND) {
    while (made < behind) {
      const from = made
      made = Math.min(behind, made + BATCH)
      const past = Array.from({ length: made - from }, (_, index) => pastOf(sample, from + index + 1, nowMs))
      const unordered = { ordered: false }
      await Promise.all([
        models.cases.model.collection.insertMany(past.map(({ head }) => head) as never[], unordered),
        models.steps.model.collection.insertMany(past.flatMap(({ steps }) => steps) as never[], unordered),
        models.todos.model.collection.insertMany(past.map(({ todo }) => todo) as never[], unordered),
      ])
    }
    for (const [name, list] of Object.entries(lists)) {
      const round: number[] = []
      for (let turn = 0; turn < ROUNDS; turn += 1) {
        const startedAt = performance.now()
        await list()
        // The first ones only warm up.
        if (turn >= ROUNDS / 3) round.push(performance.now() - startedAt)
      }
      times[name] = [...(times[name] ?? []), median(round)]
    }
  }
  return Object.entries(times).map(([name, [first = 1, ...others]]) => ({
    what: `${name}, with ${BEHIND.join(', ')} finished cases behind`,
    value: `${[first, ...others].map(ms => round(ms, 1)).join(', ')} ms; last ÷ first ${round((others.at(-1) ?? 1) / first, 2)}`,
    target: 'must not grow',
  }))
}
