import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Which process it is, among those of all machines and containers. */
export interface Owner {
  host: string
  pid: number
  /** A process id is used again; the start time tells one process from the next. Only Linux gives it. */
  started: string
  /** This run of the machine: host names are not always its own. */
  machine: string
  /** Process ids count within a container. */
  space: string
}

const read = (take: () => string): string => {
  try {
    return take().trim()
  } catch {
    return ''
  }
}

/** proc(5): the 22nd field; a process in state Z has ended, but its parent has not asked yet. */
function startedAt(pid: number): string {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return state === 'Z' || state === 'X' ? 'ended' : (fields[18] ?? '')
}

export const thisProcess = (): Owner => ({
  host: hostname(),
  pid: process.pid,
  started: startedAt(process.pid),
  machine: read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')) || hostname(),
  space: read(() => readlinkSync('/proc/self/ns/pid')),
})

/** Has it certainly ended? A process that is only stopped has not. */
export function hasEnded({ pid, started, machine, space }: Owner, isEmbedded: boolean): boolean {
  const here = thisProcess()
  // The embedded store serves one machine: it was started anew since.
  if (machine !== here.machine) return isEmbedded
  if (space !== here.space) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return true
  }
  return started !== startedAt(pid)
}
