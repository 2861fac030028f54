import { expect, test } from '@jest/globals'
import { openStage } from '../soak/schedule-run.ts'

const SCHEDULES = 15

/** A sample; `npm run soak -- schedules` plays ten thousand. */
test('after random decisions, withdrawals, lost updates, expired codes and restarts no client shows a live button for what is over', async () => {
  const stage = await openStage(2026)
  const findings: string[] = []
  for (let n = 0; n < SCHEDULES; n += 1) findings.push(...(await stage.play()))
  await stage.close()
  expect(findings).toEqual([])
  expect(stage.tally.decisions).toBeGreaterThan(SCHEDULES)
  expect(stage.tally.staleClicks).toBeGreaterThan(0)
}, 240_000)
