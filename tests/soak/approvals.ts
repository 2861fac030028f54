// Votes, rejections, hand-overs at the same moment, each delivered twice, while the service and its store are killed:
//   npm run soak -- approvals [samples, default 500] [first seed, default 1]
import { runApprovals } from './approvals-run.ts'

/** Cases under way at each kill. */
const TOGETHER = 10

const samples = Number(process.argv[2] ?? 500)
const firstSeed = Number(process.argv[3] ?? 1)
const beganMs = Date.now()
const { findings, kills, acknowledged, refused, unknown } = await runApprovals({
  samples,
  together: TOGETHER,
  firstSeed,
  onProgress: line => void process.stdout.write(`${line}, ${Math.round((Date.now() - beganMs) / 1000)} s\n`),
})
process.stdout.write(
  `${samples} cases from seed ${firstSeed}, ${kills.service} kills of the service and ${kills.store} of the store; answers: ${acknowledged} acknowledged, ` +
    `${refused} refused, ${unknown} lost\n${findings.length === 0 ? 'each is what some order gives, nothing lost, nothing twice' : findings.join('\n')}\n`,
)
process.exit(findings.length === 0 ? 0 : 1)
