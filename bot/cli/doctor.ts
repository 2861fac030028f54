import 'dotenv/config'
import { systemClock } from '../../common/clock.ts'
import { diagnose, type Finding } from './checks/index.ts'
import { runCli, say } from './run.ts'

const MARKS: Readonly<Record<Finding['state'], string>> = { ok: '✓', warn: '!', bad: '✗' }

/** `npm run doctor`: what is right, what is not, and what to do. Exit code 1 when something must be mended. */
await runCli(async () => {
  const findings = await diagnose(process.env, systemClock.now)
  for (const { state, text, next } of findings) say(`${MARKS[state]} ${text}${next ? `\n  → ${next}` : ''}`)
  const count = findings.filter(finding => finding.state === 'bad').length
  say(count === 0 ? '\n没有发现需要处理的问题。' : `\n有 ${count} 个问题需要处理。`)
  return count === 0 ? 0 : 1
})
