// Two services on one store; one is killed, the other stopped for longer than any lease:
//   node --import tsx tests/soak/processes.ts [rounds, default 5]
import { runTwoProcesses } from '../support/two-processes.ts'

const rounds = Number(process.argv[2] ?? 5)
let broken = 0
for (let round = 1; round <= rounds; round += 1) {
  const { found, accepted, rested, tokenFetches } = await runTwoProcesses({
    sellers: 12,
    workMs: 15_000,
    stopMs: 35_000,
    restMs: 120_000,
  })
  if (found.length > 0 || !rested) broken += 1
  process.stdout.write(
    `round ${round}: ${accepted.asked.size} texts, ${accepted.confirmed.size} leads, ${accepted.approved.size} approvals, ${tokenFetches} tokens; ` +
      `${rested ? 'at rest' : 'never came to rest'}; ${found.length === 0 ? 'nothing lost, nothing twice' : found.join('\n')}\n`,
  )
}
process.exit(broken === 0 ? 0 : 1)
