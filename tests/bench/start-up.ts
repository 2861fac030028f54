import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { residentMiB } from './machine.ts'
import { median, round } from './numbers.ts'
import type { Row } from './report.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const RUNS = 3
const LIMIT_MS = 60_000
/** Memory is read after this, when nothing is going on any more. */
const REST_MS = 3_000

interface Start {
  listeningMs: number
  readyMs: number
  serviceMiB: number | null
  storeMiB: number | null
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}

/** The built service as `npm start` runs it, without building. */
async function start(dataDir: string, env: Record<string, string>): Promise<Start> {
  const port = await freePort()
  const startedAt = performance.now()
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, ['dist/bot/main.js'], {
    cwd: root,
    env: { PATH, HOME, PORT: String(port), DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  try {
    const ready = new Promise<number>((resolve, reject) => {
      let text = ''
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        if (text.includes(env.DEMO === '0' ? '已启动' : '试用聊天窗口')) resolve(performance.now() - startedAt)
      })
      child.once('exit', code => reject(new Error(`the service ended with ${code}`)))
    })
    let listeningMs = 0
    while (listeningMs === 0) {
      if (performance.now() - startedAt > LIMIT_MS) throw new Error('the service does not listen')
      const answered = await fetch(`http://127.0.0.1:${port}/healthz`).then(
        response => response.ok,
        () => false,
      )
      if (answered) listeningMs = performance.now() - startedAt
      else await wait(10)
    }
    const readyMs = await ready
    await wait(REST_MS)
    return { listeningMs, readyMs, serviceMiB: residentMiB(child.pid ?? 0), storeMiB: storeMemory(dataDir) }
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}

/** The store's process is named in its lock file. */
function storeMemory(dataDir: string): number | null {
  const folder = join(dataDir, 'store')
  const lock = readdirSync(folder).find(name => /^lock\.\d+$/.test(name))
  return lock ? residentMiB((JSON.parse(readFileSync(join(folder, lock), 'utf8')) as { pid: number }).pid) : null
}

/** Cold start to listening and resident memory, of the built service on an empty folder and with the sample data. */
export async function benchStartUp(): Promise<Row[]> {
  const built = spawnSync(process.execPath, ['scripts/build.mjs', '--stale'], { cwd: root, stdio: 'inherit' })
  if (built.status !== 0) throw new Error('the build failed')
  const empty: Start[] = []
  const demo: Start[] = []
  const again: Start[] = []
  for (let run = 0; run < RUNS; run += 1) {
    const dataDir = mkdtempSync(join(tmpdir(), 'kelian-bench-'))
    try {
      empty.push(await start(join(dataDir, 'empty'), { DEMO: '0' }))
      demo.push(await start(join(dataDir, 'demo'), {}))
      again.push(await start(join(dataDir, 'demo'), {}))
    } finally {
      rmSync(dataDir, { recursive: true, force: true })
    }
  }
  const ms = (starts: readonly Start[], field: 'listeningMs' | 'readyMs'): string =>
    `${round(median(starts.map(run => run[field])))} ms`
  const memory = (starts: readonly Start[]): string => {
    const values = (field: 'serviceMiB' | 'storeMiB') => starts.flatMap(run => run[field] ?? [])
    const [service, store] = [values('serviceMiB'), values('storeMiB')]
    return service.length > 0
      ? `service ${round(median(service))} MiB, store ${round(median(store))} MiB`
      : 'not told by this system'
  }
  return [
    { what: 'cold start to listening, empty folder', value: ms(empty, 'listeningMs'), target: 'target < 10 s' },
    { what: 'cold start with emulators, to listening', value: ms(demo, 'listeningMs') },
    { what: 'cold start with emulators, sample data written', value: ms(demo, 'readyMs'), target: 'target < 10 s' },
    { what: 'start with emulators, sample data already there', value: ms(again, 'readyMs') },
    { what: 'resident memory after start, empty folder', value: memory(empty) },
    { what: 'resident memory after start, with emulators and sample data', value: memory(again) },
  ]
}
