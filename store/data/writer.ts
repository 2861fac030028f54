import { StoreError } from '../errors.ts'
import type { DiskGuard, Environment } from './environment.ts'

/** Thrown by work that must wait for a transaction; the writer runs it again once the transaction has ended. */
export class Blocked extends Error {
  readonly until: Promise<void>
  constructor(until: Promise<void>) {
    super('blocked by a transaction')
    this.until = until
  }
}

type Task = { work: () => unknown; resolve: (value: unknown) => void; reject: (error: unknown) => void }
type Outcome = { task: Task; value?: unknown; error?: unknown }

const batchLimitMs = 20
const blockedLimitMs = 30_000

/**
 * Runs writes one after another; those that wait together share one LMDB transaction and one sync (group commit).
 *
 * Work is synchronous. It checks everything before its first change, so that an error leaves nothing half done, and its promise resolves
 * when the change is on disk.
 */
export class Writer {
  private readonly environment: Environment
  private readonly disk: DiskGuard
  private readonly fatal: (error: Error) => void
  private queue: Task[] = []
  private busy = false
  /** Number of the batch being written; what was written in batches up to `committed` is on disk. */
  batch = 1
  committed = 0

  /** @param fatal hears of a commit that failed: memory is then ahead of the file, and only a new start brings them together */
  constructor(environment: Environment, disk: DiskGuard, fatal: (error: Error) => void) {
    this.environment = environment
    this.disk = disk
    this.fatal = fatal
  }

  run<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.queue.push({ work, resolve: resolve as (value: unknown) => void, reject })
      if (!this.busy) void this.pump()
    })
  }

  private async pump(): Promise<void> {
    this.busy = true
    while (this.queue.length > 0) {
      const outcomes: Outcome[] = []
      try {
        await this.disk.check()
        await this.environment.root.transaction(() => this.perform(outcomes))
        this.committed = this.batch
        // The next read must see this commit even within the same turn of the event loop.
        ;(this.environment.root as unknown as { resetReadTxn(): void }).resetReadTxn()
      } catch (error) {
        this.refuse(outcomes, error)
        continue
      }
      for (const outcome of outcomes) this.settle(outcome)
    }
    this.busy = false
  }

  private perform(outcomes: Outcome[]): void {
    this.batch++
    const endMs = performance.now() + batchLimitMs
    do {
      const task = this.queue.shift()
      if (!task) break
      try {
        outcomes.push({ task, value: task.work() })
      } catch (error) {
        outcomes.push({ task, error })
      }
    } while (performance.now() < endMs)
  }

  private settle({ task, value, error }: Outcome): void {
    if (error === undefined) task.resolve(value)
    else if (error instanceof Blocked) void this.again(task, error)
    else task.reject(error)
  }

  private async again(task: Task, blocked: Blocked): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<void>(resolve => {
      timer = setTimeout(resolve, blockedLimitMs)
    })
    await Promise.race([blocked.until, limit])
    clearTimeout(timer)
    this.run(task.work).then(task.resolve, task.reject)
  }

  private refuse(outcomes: Outcome[], error: unknown): void {
    const failed = outcomes.length > 0 ? outcomes.map(({ task }) => task) : this.queue.splice(0)
    const reason =
      error instanceof StoreError
        ? error
        : new StoreError(8, 'UnknownError', `The write could not be stored: ${(error as Error).message}`)
    for (const task of failed) task.reject(reason)
    if (outcomes.length > 0) this.fatal(error as Error)
  }
}
