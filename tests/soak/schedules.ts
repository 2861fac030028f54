// Random schedules of decisions, withdrawals, lost updates, expired codes and restarts over both emulators; afterwards what every client shows is
// compared with what is true:
//   node --import tsx tests/soak/schedules.ts [schedules, default 10000] [first seed, default 1]
import { openStage } from './schedule-run.ts'

/** A fresh world now and then keeps chats short and the run quick. */
const PER_WORLD = 100

const wanted = Number(process.argv[2] ?? 10_000)
const firstSeed = Number(process.argv[3] ?? 1)
const sum = { schedules: 0, decisions: 0, staleClicks: 0, superseded: 0, restarts: 0 }
const found: string[] = []
const beganMs = Date.now()

for (let seed = firstSeed; sum.schedules < wanted; seed += 1) {
  const stage = await openStage(seed)
  const rounds = Math.min(PER_WORLD, wanted - sum.schedules)
  for (let round = 0; round < rounds; round += 1) {
    const findings = await stage.play()
    for (const finding of findings) process.stdout.write(`seed ${seed}, schedule ${round + 1}: ${finding}\n`)
    found.push(...findings)
  }
  for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += stage.tally[name]
  await stage.close()
  process.stdout.write(`${sum.schedules} schedules, ${Math.round((Date.now() - beganMs) / 1000)} s, ${found.length} findings\n`)
}
process.stdout.write(
  `${sum.schedules} schedules: ${sum.decisions} decisions, ${sum.staleClicks} stale clicks, ${sum.restarts} restarts, ${sum.superseded} live buttons on ` +
    `superseded cards; ${found.length === 0 ? 'no other live button for a state that is over, no stale click changed anything' : `${found.length} findings`}\n`,
)
process.exit(found.length === 0 ? 0 : 1)
