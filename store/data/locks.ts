import { writeConflict } from '../errors.ts'
import type { Transaction } from './transaction.ts'
import { Blocked, type Writer } from './writer.ts'

const rememberedWrites = 20_000

const textOf = (key: Buffer) => key.toString('latin1')

/** What open transactions hold, and what was written since they began (manual: "Production Considerations", In-progress Transactions and Write Conflicts). */
export class Locks {
  /** The transactions that are open. */
  readonly transactions = new Set<Transaction>()
  private readonly writer: Writer
  private readonly records = new Map<number, Transaction>()
  private readonly keys = new Map<string, Transaction>()
  /** Batch in which a record was last written: a transaction that began before must not overwrite it. */
  private readonly lastWritten = new Map<number, number>()

  constructor(writer: Writer) {
    this.writer = writer
  }

  /** @throws StoreError 112 or Blocked when another transaction holds the record, or it changed since this one began */
  checkRecord(record: number, transaction: Transaction | null): void {
    checkHolder(this.records.get(record), transaction)
    if (transaction && this.changedSince(transaction, record)) throw writeConflict()
  }

  /** @throws StoreError 112 or Blocked when another transaction holds the unique key */
  checkKey(key: Buffer, transaction: Transaction | null): void {
    if (this.keys.size > 0) checkHolder(this.keys.get(textOf(key)), transaction)
  }

  changedSince(transaction: Transaction, record: number): boolean {
    return (this.lastWritten.get(record) ?? 0) > transaction.since
  }

  holdRecord(transaction: Transaction, record: number): void {
    this.records.set(record, transaction)
    transaction.lockedRecords.push(record)
  }

  /** @param record who has the key within the transaction; null when it is given up */
  holdKey(transaction: Transaction, key: Buffer, record: number | null): void {
    const text = textOf(key)
    transaction.uniqueKeys.set(text, record)
    this.keys.set(text, transaction)
    transaction.lockedKeys.push(text)
  }

  /** Who has a unique key within the transaction; undefined when it has not touched it. */
  ownerWithin(transaction: Transaction | null, key: Buffer): number | null | undefined {
    return transaction?.uniqueKeys.get(textOf(key))
  }

  release(transaction: Transaction): void {
    for (const record of transaction.lockedRecords) if (this.records.get(record) === transaction) this.records.delete(record)
    for (const key of transaction.lockedKeys) if (this.keys.get(key) === transaction) this.keys.delete(key)
  }

  /** Notes that a record is written in this batch. */
  wrote(record: number): void {
    // Deleted first so that the map stays in the order of writing.
    this.lastWritten.delete(record)
    this.lastWritten.set(record, this.writer.batch)
    if (this.lastWritten.size > rememberedWrites) this.forgetOldWrites()
  }

  private forgetOldWrites(): void {
    const oldest = Math.min(this.writer.committed, ...[...this.transactions].map(transaction => transaction.since))
    for (const [record, batch] of this.lastWritten) {
      if (batch > oldest) break
      this.lastWritten.delete(record)
    }
  }
}

function checkHolder(holder: Transaction | undefined, transaction: Transaction | null): void {
  if (holder && holder !== transaction) throw transaction ? writeConflict() : new Blocked(holder.ended)
}
