import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const START_LIMIT_MS = 120_000

export interface Product {
  url: string
  /** What it printed so far. */
  printed(): string
  /** How long from the start to listening, in milliseconds. */
  startedInMs: number
  process: ChildProcess
  stop(): Promise<void>
}

export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>(resolve => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise(resolve => probe.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

/** The built product as a process of its own, started as a person starts it. */
export async function startProduct(env: Record<string, string> = {}): Promise<Product> {
  const dataDir = env.DATA_DIR ?? mkdtempSync(join(tmpdir(), 'kelian-product-'))
  const port = await freePort()
  const began = Date.now()
  const child = spawn(process.execPath, ['scripts/start.mjs'], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', PORT: String(port), DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  const url = `http://localhost:${port}`
  await new Promise<void>((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`it did not start:\n${printed}`)), START_LIMIT_MS)
    const hear = (chunk: Buffer): void => {
      printed += String(chunk)
      if (!printed.includes(env.DEMO === '0' ? url : `${url}/play/`)) return
      clearTimeout(limit)
      resolve()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('exit', code => reject(new Error(`it ended with ${code}:\n${printed}`)))
  })
  return {
    url,
    printed: () => printed,
    startedInMs: Date.now() - began,
    process: child,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = new Promise(resolve => child.once('exit', resolve))
        child.kill('SIGTERM')
        await ended
      }
      if (!env.DATA_DIR) rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
