import type { Doc } from '../bson/index.ts'
import { writeConflict } from '../errors.ts'
import type { Catalogue } from './catalogue.ts'
import type { Collection } from './collection.ts'
import { duplicateKey } from './duplicate.ts'
import type { Environment, Table } from './environment.ts'
import type { Index } from './index-entry.ts'
import { entryKey, recordOf, recordValue } from './keys.ts'
import type { Locks } from './locks.ts'
import type { Transaction } from './transaction.ts'

/** One key that an index gains or loses. */
export type EntryChange = { index: Index; key: Buffer; add: boolean }

/** A record as a write finds it, and as it leaves it; null where there is none. */
export type RecordChange = { record: number; doc: Doc | null; old: Doc | null }

/** Keeps the entries of indexes in step with the documents. */
export class Entries {
  private readonly table: Table
  private readonly catalogue: Catalogue
  private readonly locks: Locks

  constructor({ entries }: Environment, catalogue: Catalogue, locks: Locks) {
    this.table = entries
    this.catalogue = catalogue
    this.locks = locks
  }

  /** What a write changes in the indexes. @throws StoreError 11000, 112, or Blocked */
  changes(collection: Collection, { record, doc, old }: RecordChange, transaction: Transaction | null): EntryChange[] {
    const changes: EntryChange[] = []
    for (const index of collection.indexes) {
      const before = old ? index.keys(old) : []
      const after = doc ? index.keys(doc) : []
      if (index.dirty) this.catalogue.save(collection)
      const kept = new Set<Buffer>()
      for (const key of after) {
        const same = before.find(other => other.equals(key))
        if (same) {
          kept.add(same)
          continue
        }
        if (index.unique && doc) this.checkUnique(collection, index, key, record, doc, transaction)
        changes.push({ index, key, add: true })
      }
      for (const key of before) if (!kept.has(key)) changes.push({ index, key, add: false })
    }
    return changes
  }

  private checkUnique(
    collection: Collection,
    index: Index,
    key: Buffer,
    record: number,
    doc: Doc,
    transaction: Transaction | null,
  ): void {
    this.locks.checkKey(key, transaction)
    const own = this.locks.ownerWithin(transaction, key)
    const owner = own === undefined ? this.ownerOf(key) : own
    if (owner === null || owner === record) return
    const unseen = transaction && own === undefined && this.locks.changedSince(transaction, owner)
    throw unseen ? writeConflict() : duplicateKey(collection, index, doc)
  }

  private ownerOf(key: Buffer): number | null {
    const value = this.table.getBinary(key)
    return value ? recordOf(value) : null
  }

  apply(changes: EntryChange[], record: number): void {
    for (const { index, key, add } of changes) {
      if (add) continue
      const stored = entryKey(key, record, index.unique)
      // Within one commit another record may already have taken a unique key that this one gives up.
      if (!index.unique || this.ownerOf(stored) === record) this.table.removeSync(stored)
    }
    for (const { index, key, add } of changes)
      if (add) this.table.putSync(entryKey(key, record, index.unique), recordValue(record))
  }
}
