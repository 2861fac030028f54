import type { Transaction as Snapshot } from 'lmdb'
import type { Doc } from '../bson/values.ts'
import type { Collection } from './collection.ts'

/** A document as a transaction will leave it; `doc` null when it removes it, `old` null when it makes it. */
export type Change = { collection: Collection; doc: Doc | null; bytes: Buffer | null; old: Doc | null }

/**
 * A multi-document transaction: reads from one snapshot, keeps its changes in memory and writes them in one LMDB transaction at commit.
 * Of two writers the second gets a write conflict at once (manual: "Transactions and Write Conflicts").
 */
export class Transaction {
  readonly snapshot: Snapshot
  /** The batch that the snapshot includes. */
  readonly since: number
  readonly changes = new Map<number, Map<number, Change>>()
  readonly lockedRecords: number[] = []
  readonly lockedKeys: string[] = []
  /** Unique keys as this transaction leaves them: the record, or null when freed. */
  readonly uniqueKeys = new Map<string, number | null>()
  /** Collections it made; they are dropped again when it aborts. */
  readonly created: Collection[] = []
  readonly ended: Promise<void>
  open = true
  private finish: () => void = () => undefined

  constructor(snapshot: Snapshot, since: number) {
    this.snapshot = snapshot
    this.since = since
    this.ended = new Promise(resolve => {
      this.finish = resolve
    })
  }

  changesOf(collection: Collection): Map<number, Change> | undefined {
    return this.changes.get(collection.id)
  }

  note(collection: Collection, record: number, doc: Doc | null, bytes: Buffer | null, old: Doc | null): void {
    let records = this.changes.get(collection.id)
    if (!records) {
      records = new Map()
      this.changes.set(collection.id, records)
    }
    const before = records.get(record)
    const first = before ? before.old : old
    if (first === null && doc === null) records.delete(record)
    else records.set(record, { collection, doc, bytes, old: first })
  }

  close(): void {
    this.open = false
    this.snapshot.done()
    this.finish()
  }
}
