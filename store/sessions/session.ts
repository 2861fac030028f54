import { type Doc, decode, encode } from '../bson/index.ts'
import type { Database, Transaction } from '../data/index.ts'

/** What a session did last, as the file keeps it. */
export type Saved =
  | { kind: 'reply'; txnNumber: bigint; reply: Doc }
  | { kind: 'progress'; txnNumber: bigint; progress: Doc }
  | { kind: 'committed'; txnNumber: bigint }

/**
 * A logical session (manual: "Server Sessions"). Its last retryable write is stored in the same LMDB transaction as the write itself:
 * repeated after a crash, it is answered and not done again.
 */
export class Session {
  readonly key: Buffer
  readonly database: Database
  transaction: Transaction | null = null
  /** The transaction's number, and how the last one ended. */
  txnNumber = -1n
  state: 'none' | 'open' | 'committed' | 'aborted' = 'none'
  usedAtMs = 0
  /** The connection that used it last. */
  connectionId = 0
  /** Commands now running in the transaction: it must not be swept away under them. */
  running = 0
  private saved: Saved | null | undefined

  constructor(key: Buffer, database: Database) {
    this.key = key
    this.database = database
  }

  /** What is on file for this session. */
  last(): Saved | null {
    if (this.saved === undefined) {
      const bytes = this.database.environment.sessions.getBinary(this.key)
      this.saved = bytes ? (decode(bytes).saved as Saved) : null
    }
    return this.saved
  }

  /** Keeps it on file. Call inside a write. */
  save(saved: Saved, nowMs: number): void {
    this.saved = saved
    this.database.environment.sessions.putSync(this.key, encode({ at: new Date(nowMs), saved }))
  }

  /** Forgets what memory holds, when a write that saved it could not be stored. */
  reload(): void {
    this.saved = undefined
  }

  abort(): void {
    if (!this.transaction) return
    this.database.abort(this.transaction)
    this.transaction = null
    this.state = 'aborted'
  }
}
