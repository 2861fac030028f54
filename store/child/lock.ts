import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/*
 * The lock is a file with a number: `lock.7`. Whoever makes the next number owns the store, and making a file is atomic; the highest number is
 * never removed, so two processes that both find a stale lock cannot both win.
 */

type Holder = { pid: number; started: string }

const names = /^lock\.(\d+)$/

const numbers = (folder: string) =>
  readdirSync(folder)
    .map(name => Number(names.exec(name)?.[1] ?? 0))
    .filter(number => number > 0)
    .sort((a, b) => b - a)

// Process ids are used again; the start time tells one process from the next. Only Linux gives it without a tool.
// A process that has ended keeps its number until its parent asks: in a container nobody may ever ask (proc(5): state Z).
function startedAt(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return 'ZX'.includes(state) ? 'ended' : (fields[18] ?? '')
  } catch {
    return ''
  }
}

function isAlive({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return started === startedAt(pid)
}

function readHolder(file: string): Holder | null {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as Holder
    return Number.isInteger(holder.pid) ? holder : null
  } catch {
    return null
  }
}

/** Process id of the running owner, null when there is none. */
export function lockHolder(folder: string): number | null {
  const [highest] = numbers(folder)
  const holder = highest === undefined ? null : readHolder(path.join(folder, `lock.${highest}`))
  return holder && isAlive(holder) ? holder.pid : null
}

/** Takes the lock for this process, also over a dead owner's. Returns false when another process has it. */
export function takeLock(folder: string): boolean {
  const [highest = 0] = numbers(folder)
  if (lockHolder(folder) !== null) return false
  const draft = path.join(folder, `lock.draft.${process.pid}`)
  writeFileSync(draft, JSON.stringify({ pid: process.pid, started: startedAt(process.pid) }), { mode: 0o600 })
  try {
    // A link appears at once and complete; it fails when the name is taken.
    linkSync(draft, path.join(folder, `lock.${highest + 1}`))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
  for (const number of numbers(folder)) if (number <= highest) rmSync(path.join(folder, `lock.${number}`), { force: true })
  return true
}
