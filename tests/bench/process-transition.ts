import { type ProcessDefinition, type ProcessState, processDefinition, transition } from '../../engine/process/index.ts'
import { median, round } from './numbers.ts'
import type { Row } from './report.ts'

const SIZES = [3, 10, 50]
const WARM_UP = 2_000
const RUNS = 5_000
const NOW = Date.UTC(2026, 10, 23, 1)

/** Start, end, and between them approvals in a row, each by two and with a time limit. */
function definitionOf(nodes: number): ProcessDefinition {
  const approvals = nodes - 2
  return processDefinition.parse({
    key: 'row',
    version: 1,
    name: '逐级审批',
    fields: { amountMinor: { type: 'money', label: '金额' } },
    nodes: [
      { id: 'start', type: 'start', name: '提交', next: 'step0' },
      ...Array.from({ length: approvals }, (_, place) => ({
        id: `step${place}`,
        type: 'approval',
        name: `第${place + 1}级审批`,
        approvers: [{ type: 'person', personIds: [`a${place}`, `b${place}`] }],
        mode: { type: 'anyOf' },
        timeLimit: { workingSeconds: 14_400 },
        next: place + 1 < approvals ? `step${place + 1}` : 'end',
      })),
      { id: 'end', type: 'end', name: '结束' },
    ],
  })
}

/** The engine once, with everybody there and nobody away. */
function decide(definition: ProcessDefinition, state: ProcessState | null, event: Parameters<typeof transition>[2]) {
  const answers: Record<string, string[]> = {}
  for (;;) {
    const result = transition(definition, state, event, { now: NOW, answers })
    if (result.kind === 'next') return { state: result.state, answers }
    if (result.kind === 'refused') throw new Error(result.code)
    for (const need of result.needs) answers[need.key] = need.type === 'person' ? [need.personId] : []
  }
}

/** An approval half-way through the process, in microseconds: the pure call with its lookups answered, and with the round that asks for them. */
function measure(nodes: number): { answered: number; whole: number } {
  const definition = definitionOf(nodes)
  const submit = { type: 'submit' as const, caseId: 'case', by: 'sales', form: { amountMinor: 100 } }
  let { state } = decide(definition, null, submit)
  const place = Math.floor((nodes - 2) / 2)
  for (let step = 0; step < place; step += 1) state = decide(definition, state, { type: 'approve', by: `a${step}` }).state
  const event = { type: 'approve' as const, by: `a${place}`, comment: '同意' }
  const { answers } = decide(definition, state, event)
  const timed = (work: () => unknown): number => {
    const times: number[] = []
    for (let run = 0; run < WARM_UP + RUNS; run += 1) {
      const startedAt = performance.now()
      work()
      if (run >= WARM_UP) times.push((performance.now() - startedAt) * 1000)
    }
    return median(times)
  }
  return {
    answered: timed(() => transition(definition, state, event, { now: NOW, answers })),
    whole: timed(() => decide(definition, state, event)),
  }
}

/** The pure transition, without anything around it. */
export const benchTransition = (): Row[] =>
  SIZES.map(nodes => {
    const { answered, whole } = measure(nodes)
    return {
      what: `transition alone, an approval half-way, ${nodes} nodes`,
      value: `${round(answered)} µs; ${round(whole)} µs with the round that asks who is there (medians)`,
    }
  })
