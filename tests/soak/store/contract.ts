import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { withScratchStore } from './scratch.ts'

/*
 * Runs those contract tests that hold for every server against one that is reached by MONGODB_URI: the one that is set, or a second embedded store.
 * The others tell of processes, files and refusals of the embedded store and are left out.
 */

const folder = 'tests/contract/store'
const tests = readdirSync(folder).filter(name => name.endsWith('.test.ts'))
const general = tests.filter(name => readFileSync(path.join(folder, name), 'utf8').includes('useServer()'))

async function run(uri: string): Promise<void> {
  const { status } = spawnSync('npm', ['run', 'jest', '--', ...general.map(name => `${folder}/${name}`)], {
    stdio: 'inherit',
    env: { ...process.env, MONGODB_URI: uri },
  })
  const others = tests.filter(name => !general.includes(name))
  process.stdout.write(`${general.length} files run, left out: ${others.join(' ')}\n`)
  process.exitCode = status ?? 1
}

await (process.env.MONGODB_URI ? run(process.env.MONGODB_URI) : withScratchStore(run))
