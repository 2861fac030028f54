// npm test: lint, types, build, then every test. Ends with a line `N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const scratch = mkdtempSync(join(tmpdir(), 'kelian-test-'))
const results = join(scratch, 'jest.json')

const node = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0
const module = name => join(root, 'node_modules', ...name.split('/'))

const steps = [
  ['lint', () => node(module('@biomejs/biome/bin/biome'), 'check', '.')],
  ['types of the service and the tests', () => node(module('typescript/bin/tsc'), '--noEmit', '-p', 'tests/tsconfig.json')],
  ['types of the mini-app', () => node(module('vue-tsc/bin/vue-tsc.js'), '--noEmit', '-p', 'miniapp/tsconfig.json')],
  ['settings example is up to date', () => node('--import', 'tsx', 'bot/cli/settings.ts', '--check')],
  ['build', () => node('scripts/build.mjs')],
]

let passed = 0
let failed = 0
for (const [name, run] of steps) {
  process.stdout.write(`\n== ${name}\n`)
  if (run()) passed += 1
  else {
    failed += 1
    process.stdout.write(`failed: ${name}\n`)
  }
}

process.stdout.write('\n== tests\n')
const jest = module('jest/bin/jest.js')
const finished = node(
  '--experimental-vm-modules',
  '--no-warnings',
  jest,
  '--json',
  `--outputFile=${results}`,
  ...process.argv.slice(2),
)
try {
  const summary = JSON.parse(readFileSync(results, 'utf8'))
  passed += summary.numPassedTests
  failed += summary.numFailedTests + summary.numRuntimeErrorTestSuites
  if (!finished && summary.numFailedTests + summary.numRuntimeErrorTestSuites === 0) failed += 1
} catch {
  failed += 1
  process.stdout.write('failed: the test runner ended without a summary\n')
}
rmSync(scratch, { recursive: true, force: true })
process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
