import { expect, test } from '@jest/globals'
import { runTwoProcesses } from '../support/two-processes.ts'

test('two services on one store: one killed, the other stopped and resumed, and nothing is lost or done twice', async () => {
  const run = await runTwoProcesses({ sellers: 6, workMs: 8_000, stopMs: 12_000, restMs: 60_000 })
  expect(run.found).toEqual([])
  expect(run.rested).toBe(true)
  expect(run.accepted.confirmed.size).toBeGreaterThan(5)
}, 180_000)
