// npm run soak [part …] [number …]: long proofs, each in a process of its own. What numbers say, the parts tell themselves.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const PARTS: Readonly<Record<string, string>> = {
  approvals: 'approvals.ts',
  kill: 'kill.ts',
  processes: 'processes.ts',
  schedules: 'schedules.ts',
  storm: 'storm.ts',
  store: 'store/kills.ts',
  restarts: 'store/restarts.ts',
  interleavings: 'interleavings.ts',
  move: 'store/move.ts',
  contract: 'store/contract.ts',
}
// Suites of others, not kept here: npm run soak -- <name> <folder that holds it> [what to run of it]. Without the folder each says how to get it.
const FOREIGN: Readonly<Record<string, string>> = {
  unified: 'store/unified.ts',
  mongoose: 'store/mongoose.ts',
  agenda: 'store/agenda.ts',
}

const [first = '', ...args] = process.argv.slice(2)
const foreign = FOREIGN[first]
if (foreign !== undefined) {
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', join(here, foreign), ...args], { stdio: 'inherit' })
  process.exit(status ?? 1)
}

const isNumber = (arg: string): boolean => /^\d+$/.test(arg)
const numbers = process.argv.slice(2).filter(isNumber)
const wanted = process.argv.slice(2).filter(arg => !isNumber(arg))
const unknown = wanted.filter(name => !PARTS[name])
if (unknown.length > 0) {
  process.stdout.write(
    `unknown: ${unknown.join(' ')}; there are: ${[...Object.keys(PARTS), ...Object.keys(FOREIGN)].join(' ')}\n`,
  )
  process.exit(1)
}
let failed = 0
for (const [name, file] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  process.stdout.write(`${name}\n`)
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', join(here, file), ...numbers], { stdio: 'inherit' })
  if (status !== 0) failed += 1
}
process.exitCode = failed === 0 ? 0 : 1
