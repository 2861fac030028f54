import { StoreError } from '../errors.ts'
import { type DiskGuard, diskFull } from './disk-guard.ts'
import type { Environment } from './environment.ts'

/** Thrown by work that must wait for a transaction; the writer runs it again once the transaction has ended. */
export class Blocked extends Error {
  readonly until: Promise<void>
  constructor(until: Promise<void>) {
    super('blocked by a transaction')
    this.until = until
  }
}

type Task = { work: () => unknown; endMs: number; resolve: (value: unknown) => void; reject: (error: unknown) => void }
type Outcome = { task: Task; value?: unknown; error?: unknown }

/** What the writer needs of the database. */
export type Owner = {
  /** A commit failed and LMDB has undone it: what memory holds of it must be read anew. */
  forget(): void
  /** The file cannot be written any more; only a new start may help. */
  fatal(error: Error): void
}

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
  private readonly owner: Owner
  private queue: Task[] = []
  private busy = false
  /** Number of the batch being written; what was written in batches up to `committed` is on disk. */
  batch = 1
  committed = 0

  constructor(environment: Environment, disk: DiskGuard, owner: Owner) {
    this.environment = environment
    this.disk = disk
    this.owner = owner
  }

  /** @param endMs when work that waits for a transaction is run once more at the latest, as `performance.now()` counts */
  run<T>(work: () => T, endMs = Number.POSITIVE_INFINITY): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.queue.push({ work, endMs, resolve: resolve as (value: unknown) => void, reject })
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
        if (outcomes.length === 0) for (const task of this.queue.splice(0)) task.reject(refusal(error))
        else await this.lose(outcomes, error)
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
      timer = setTimeout(resolve, Math.max(0, Math.min(blockedLimitMs, task.endMs - performance.now() + 1)))
    })
    await Promise.race([blocked.until, limit])
    clearTimeout(timer)
    this.run(task.work, task.endMs).then(task.resolve, task.reject)
  }

  // Nothing of the batch is on file. LMDB itself goes on, unless not even an empty transaction works any more.
  private async lose(outcomes: Outcome[], error: unknown): Promise<void> {
    try {
      this.environment.root.transactionSync(() => undefined)
      this.owner.forget()
    } catch (broken) {
      this.owner.fatal(broken as Error)
    }
    const isFull = await this.disk.look().catch(() => false)
    for (const { task } of outcomes) task.reject(isFull ? diskFull() : refusal(error))
  }
}

const refusal = (error: unknown): StoreError =>
  error instanceof StoreError
    ? error
    : new StoreError(
        8,
        'UnknownError',
        `Nothing was written: the commit failed (${(error as Error).message}). The disk may be full, limited by a quota, or failing.`,
      )
