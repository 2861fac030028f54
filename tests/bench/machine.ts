import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

/** Keep a process on one core where the machine has several and can do it; servers on 0, load on 1. */
export function pin(pid: number | undefined, core: number): void {
  if (pid === undefined || process.platform !== 'linux' || availableParallelism() < 2) return
  try {
    execFileSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { stdio: 'ignore' })
  } catch {
    // Without taskset the kernel decides; the ratios suffer a little more noise.
  }
}

/** Start a module of this folder in a process of its own; it reports once what it wants to say. */
export async function startChild<Report>(
  module: string,
  args: readonly string[],
): Promise<{ child: ChildProcess; report: Report }> {
  const child = fork(fileURLToPath(new URL(module, import.meta.url)), [...args], { execArgv: ['--import', 'tsx'] })
  const report = await new Promise<Report>((resolve, reject) => {
    child.once('message', message => resolve(message as Report))
    child.once('exit', code => reject(new Error(`${module} ${args.join(' ')} ended with ${code}`)))
  })
  return { child, report }
}

export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}

/** Resident memory in MiB; null where the system does not tell. */
export function residentMiB(pid: number): number | null {
  const file = `/proc/${pid}/status`
  if (!existsSync(file)) return null
  const kib = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(file, 'utf8'))?.[1])
  return Number.isFinite(kib) ? kib / 1024 : null
}
