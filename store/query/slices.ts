import type { Database } from '../data/index.ts'
import type { Pace } from './pace.ts'

/** How far a statement has come that takes more than one write. */
export class StatementRun {
  /** Records that it may concern, found outside of a write; null as long as one write seems to be enough. */
  candidates: number[] | null = null
  /** The place of the next candidate. */
  next = 0
  n = 0
  nModified = 0
  /** Records that it has changed, for when it must wait for a transaction half-way. */
  readonly changed = new Set<number>()
}

/** Thrown by a statement, before it has changed anything, that would hold everybody else up: its documents must be found outside of a write. */
export class TooLong extends Error {
  /** Finds the documents; the statement is then run again. */
  readonly find: (pace: Pace) => Promise<void>

  constructor(find: (pace: Pace) => Promise<void>) {
    super('too long for one write')
    this.find = find
  }
}

/** Does work in as many writes as it takes: it gives null as long as there is more to do. */
export async function inSlices<T>(database: Database, pace: Pace, work: () => T | null): Promise<T> {
  for (;;) {
    try {
      const result = await database.write(work, pace.endMs)
      if (result !== null) return result
    } catch (error) {
      if (!(error instanceof TooLong)) throw error
      await error.find(pace)
    }
  }
}
