import { expect, test } from '@jest/globals'
import type { ProcessDraft } from '../../../engine/process/index.ts'
import { durations, handOffs, measureProcess } from '../../../engine/process/measure.ts'
import { Case, MINUTE_MS, MONDAY_9, process } from './support.ts'

const HOUR_MS = 60 * MINUTE_MS
const approval = (id: string, next: string): ProcessDraft['nodes'][number] => ({
  id,
  type: 'approval',
  name: `步骤${id}`,
  approvers: [{ type: 'person', personIds: [`${id}Person`] }],
  mode: { type: 'anyOf' },
  timeLimit: { workingSeconds: 3600 },
  next,
})
const definition = process(
  [
    { id: 'start', type: 'start', name: '提交', next: 'one' },
    approval('one', 'two'),
    approval('two', 'end'),
    { id: 'end', type: 'end', name: '结束' },
  ],
  { targetWorkingSeconds: 3 * 3600 },
)

/** Every second works: working time is wall-clock time. */
const allDay = (from: number, to: number): number => (to - from) / 1000

const finished = (firstMs: number, secondMs: number): Case => {
  const running = new Case(definition)
  running.submit({})
  running.wait(firstMs).approve('onePerson')
  running.wait(secondMs).approve('twoPerson')
  return running
}

test('each step has the time that it took; the open one counts up to now', () => {
  const running = new Case(definition)
  running.submit({})
  running.wait(HOUR_MS).approve('onePerson')
  expect(durations(running.current, running.now + 5 * MINUTE_MS)).toMatchObject([
    { name: '步骤one', durationMs: HOUR_MS, leftAt: MONDAY_9 + HOUR_MS },
    { name: '步骤two', durationMs: 5 * MINUTE_MS },
  ])
})

test('hand-offs are the steps where people were asked, transfers, and added signatures', () => {
  const running = new Case(definition)
  running.submit({})
  running.do({ type: 'transfer', by: 'onePerson', to: 'other' })
  running.do({ type: 'addSign', by: 'other', people: ['extra'], placement: 'parallel' })
  running.approve('other')
  expect(handOffs(running.current)).toBe(4)
})

test('over finished cases: the means of each node, the share that was late, the bottleneck, and the target', () => {
  const states = [finished(HOUR_MS, HOUR_MS), finished(HOUR_MS + 1000, 3 * HOUR_MS)].map(({ current }) => current)
  const running = new Case(definition)
  const measured = measureProcess(definition, [...states, running.submit({})], allDay)
  expect(measured).toMatchObject({ cases: 2, handOffs: 2, targetWorkingSeconds: 3 * 3600, withinTargetShare: 0.5 })
  expect(measured.nodes).toMatchObject([
    { nodeId: 'one', count: 2, workingSeconds: 3600.5, overdueShare: 0.5 },
    { nodeId: 'two', count: 2, workingSeconds: 7200, overdueShare: 0.5 },
  ])
  expect(measured.bottleneck).toMatchObject({ nodeId: 'two', name: '步骤two' })
  expect(measured.bottleneck?.shareOfTime).toBeCloseTo(14_400 / 21_601)
})

test('nothing finished measures nothing', () => {
  expect(measureProcess(definition, [], allDay)).toMatchObject({ cases: 0, withinTargetShare: 0, nodes: [], bottleneck: null })
})
