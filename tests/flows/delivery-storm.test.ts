import { expect, test } from '@jest/globals'
import { runStorm } from '../soak/storm-run.ts'

/** A sample; `npm run soak -- storm` sends fifty thousand to two hundred people. */
test('a storm of notices with a power cut: the platform drops nothing, urgent ones come within ten seconds, nothing is lost or doubled', async () => {
  const storm = await runStorm({ people: 10, events: 800, seconds: 60, kills: 1 })
  expect(storm.findings).toEqual([])
  expect(storm.dropped).toBe(0)
  expect(storm.urgentMostMs).toBeLessThanOrEqual(10_000)
  // 80 notices to each within a minute: most of them go out together.
  expect(storm.sends).toBeLessThan(400)
}, 240_000)
