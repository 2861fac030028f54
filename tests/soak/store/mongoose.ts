import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { FailPointProxy } from './fail-points.ts'
import { folderArgument, withScratchStore } from './scratch.ts'

/*
 * Runs mongoose's own mocha files, replica-set mode, against the embedded store. Not run, with the reason printed: what needs a feature that the
 * bar leaves out (text, geo, time-series), client-side encryption, or a MongoDB program that the test itself starts.
 */

type Failure = { fullTitle: string; err: { message?: string } }
type Report = { stats: { passes: number; failures: number; pending: number }; failures: Failure[] }

const [checkout, ...wanted] = folderArgument([
  'usage: npm run soak -- mongoose <checkout> [file …]',
  "The checkout: github.com/Automattic/mongoose at the installed version's tag, with its dependencies (npm install in it).",
])

const fileLimitMs = 300_000
const tests = path.join(checkout, 'test')
const mocha = path.join(checkout, 'node_modules', 'mocha', 'bin', 'mocha.js')
if (!existsSync(mocha)) throw new Error(`${mocha} is missing: run npm install in the checkout`)

const excludedFiles: [RegExp, string][] = [
  [/encryption|encryptedSchema/, 'client-side encryption'],
  [/^subdirs/, 'only loads the files of the folders below, which run one by one here'],
]
const excluded: [RegExp, string][] = [
  [/\$geo|\$near|2dsphere|\b2d\b|geojson/i, 'geo'],
  [/text index|\$text|'text'/i, 'text'],
  [/timeseries|time-series/i, 'time-series'],
]

const files = (readdirSync(tests, { recursive: true }) as string[])
  .filter(name => name.endsWith('.test.js'))
  .filter(name => wanted.length === 0 || wanted.some(part => name.includes(part)))
  .sort()

const total = { passed: 0, failed: 0, pending: 0 }
const reasons = new Map<string, number>()
const note = (reason: string, count = 1) => reasons.set(reason, (reasons.get(reason) ?? 0) + count)
const say = (line: string) => process.stdout.write(`${line}\n`)

async function runFile(file: string, uri: string, folder: string): Promise<Report | null> {
  const output = path.join(folder, 'report.json')
  rmSync(output, { force: true })
  // Some files count on another one having loaded the library.
  const options = [
    '--require',
    './index.js',
    '--exit',
    '--timeout',
    '30000',
    '--reporter',
    'json',
    '--reporter-option',
    `output=${output}`,
  ]
  const run = spawn(process.execPath, [mocha, ...options, path.join('test', file)], {
    cwd: checkout,
    timeout: fileLimitMs,
    stdio: 'ignore',
    env: { ...process.env, START_REPLICA_SET: '1', MONGOOSE_TEST_URI: uri, MONGOOSE_REPLSET_URI: uri },
  })
  await once(run, 'exit')
  return existsSync(output) ? (JSON.parse(readFileSync(output, 'utf8')) as Report) : null
}

function count(file: string, report: Report): void {
  total.passed += report.stats.passes
  total.pending += report.stats.pending
  for (const { fullTitle, err } of report.failures) {
    const text = `${fullTitle} ${err.message ?? ''}`
    const reason = excluded.find(([pattern]) => pattern.test(text))?.[1]
    if (reason) {
      note(reason)
      continue
    }
    total.failed++
    say(`  ${file}: ${fullTitle}\n      ${(err.message ?? 'failed').split('\n').slice(0, 3).join(' ').slice(0, 300)}`)
  }
}

const scratch = mkdtempSync(path.join(os.tmpdir(), 'kelian-mongoose-'))
await withScratchStore(async storeUri => {
  // The suite expects an address with a host and a port.
  const proxy = new FailPointProxy(storeUri)
  const uri = await proxy.listen({ discovered: true })
  for (const file of files) {
    const skipped = excludedFiles.find(([pattern]) => pattern.test(file))?.[1]
    if (skipped) {
      note(`${skipped} (files)`)
      continue
    }
    const report = await runFile(file, uri, scratch)
    if (report) count(file, report)
    else {
      total.failed++
      say(`  ${file}: no report within ${fileLimitMs / 1000} s`)
    }
  }
  await proxy.close()
})
rmSync(scratch, { recursive: true, force: true })

const run = total.passed + total.failed
const share = run === 0 ? 0 : (100 * total.passed) / run
say(`mongoose: ${total.passed} of ${run} passed (${share.toFixed(2)} %), ${total.pending} left out by the suite itself`)
say(`not counted: ${[...reasons].map(([reason, times]) => `${times} ${reason}`).join(', ') || 'none'}`)
process.exitCode = share >= 98.5 ? 0 : 1
