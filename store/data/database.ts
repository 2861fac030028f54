import { type Doc, decode } from '../bson/index.ts'
import { StoreError, writeConflict } from '../errors.ts'
import { Catalogue, sameKey } from './catalogue.ts'
import type { Collection } from './collection.ts'
import { DiskGuard } from './disk-guard.ts'
import { duplicateKey } from './duplicate.ts'
import { type Environment, openEnvironment, verify } from './environment.ts'
import type { Index } from './index-entry.ts'
import { documentKey, entryKey, numberedRange, recordOf, recordValue } from './keys.ts'
import { type Plan, plan } from './planner.ts'
import { type Row, readDocument, scan } from './scan.ts'
import { Transaction } from './transaction.ts'
import { Blocked, Writer } from './writer.ts'

type EntryChange = { index: Index; key: Buffer; add: boolean }

const rememberedWrites = 20_000

/**
 * Documents, indexes and transactions on one LMDB file.
 *
 * Everything that changes data (`put`, `remove`, catalogue changes) runs inside `write`, which makes it atomic and durable.
 */
export class Database {
  readonly environment: Environment
  readonly catalogue: Catalogue
  private readonly writer: Writer
  /** Batch in which a record was last written: a transaction that began before must not overwrite it. */
  private readonly lastWritten = new Map<number, number>()
  private readonly recordLocks = new Map<number, Transaction>()
  private readonly keyLocks = new Map<string, Transaction>()
  private readonly transactions = new Set<Transaction>()

  /**
   * @param minFreeBytes with less than this left on the disk nothing is written
   * @param fatal hears that the file cannot be written any more; the process should start anew
   */
  constructor(file: string, nowMs: () => number, minFreeBytes: number, fatal: (error: Error) => void) {
    this.environment = openEnvironment(file)
    this.catalogue = new Catalogue(this.environment)
    const disk = new DiskGuard(file, minFreeBytes, nowMs)
    this.writer = new Writer(this.environment, disk, { forget: () => this.catalogue.reload(), fatal })
  }

  /** Reads the whole file. @throws StoreError 246 or 22 when it is damaged */
  verify(): void {
    verify(this.environment)
  }

  async close(): Promise<void> {
    for (const transaction of this.transactions) this.end(transaction)
    await this.write(() => undefined)
    await this.environment.root.close()
  }

  /** Runs synchronous work in the next batch; resolves when it is on disk. `endMs`: when its time is over, see `Writer.run`. */
  write<T>(work: () => T, endMs?: number): Promise<T> {
    return this.writer.run(work, endMs)
  }

  plan(collection: Collection, query: Doc, sort: Doc, hint: unknown): Plan {
    return plan(collection, query, sort, hint)
  }

  scan(collection: Collection, chosen: Plan, transaction: Transaction | null): Generator<Row> {
    return scan(this.environment, collection, chosen, transaction)
  }

  read(collection: Collection, record: number, transaction: Transaction | null): Buffer | undefined {
    return readDocument(this.environment, collection, record, transaction)
  }

  count(collection: Collection): number {
    if (collection.count === undefined) {
      const [start, end] = numberedRange(collection.id)
      collection.count = this.environment.documents.getKeysCount({ start, end })
    }
    return collection.count
  }

  /** Gives the collection, made when it is missing. A transaction's new collection goes away again when it aborts. */
  ensureCollection(ns: string, transaction: Transaction | null, options: Doc = {}): Collection {
    const existing = this.catalogue.get(ns)
    if (existing) {
      if (existing.pending && !transaction?.created.includes(existing)) existing.pending = false
      return existing
    }
    const made = this.catalogue.create(ns, options)
    made.pending = transaction !== null
    transaction?.created.push(made)
    return made
  }

  /** @throws StoreError 112 or Blocked when another transaction holds the record */
  checkFree(record: number, transaction: Transaction | null): void {
    const holder = this.recordLocks.get(record)
    if (holder && holder !== transaction) throw transaction ? writeConflict() : new Blocked(holder.ended)
    if (transaction && (this.lastWritten.get(record) ?? 0) > transaction.since) throw writeConflict()
  }

  insert(collection: Collection, doc: Doc, bytes: Buffer, transaction: Transaction | null): void {
    const record = this.catalogue.lastRecord + 1
    this.put(collection, record, doc, bytes, null, transaction)
  }

  /** Writes a document: `old` is what the record holds now, null for a new record. */
  put(collection: Collection, record: number, doc: Doc, bytes: Buffer, old: Doc | null, transaction: Transaction | null): void {
    this.checkFree(record, transaction)
    const changes = this.entryChanges(collection, record, doc, old, transaction)
    this.catalogue.lastRecord = Math.max(this.catalogue.lastRecord, record)
    if (transaction) {
      this.lock(transaction, record, changes)
      transaction.note(collection, record, doc, bytes, old)
      return
    }
    this.applyEntries(changes, record)
    this.environment.documents.putSync(documentKey(collection.id, record), bytes)
    if (!old && collection.count !== undefined) collection.count++
    this.wrote(record)
  }

  remove(collection: Collection, record: number, old: Doc, transaction: Transaction | null): void {
    this.checkFree(record, transaction)
    const changes = this.entryChanges(collection, record, null, old, transaction)
    if (transaction) {
      this.lock(transaction, record, changes)
      transaction.note(collection, record, null, null, old)
      return
    }
    this.applyEntries(changes, record)
    this.environment.documents.removeSync(documentKey(collection.id, record))
    if (collection.count !== undefined) collection.count--
    this.wrote(record)
  }

  private wrote(record: number): void {
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

  private entryChanges(
    collection: Collection,
    record: number,
    doc: Doc | null,
    old: Doc | null,
    transaction: Transaction | null,
  ): EntryChange[] {
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
    if (this.keyLocks.size > 0) {
      const holder = this.keyLocks.get(key.toString('latin1'))
      if (holder && holder !== transaction) throw transaction ? writeConflict() : new Blocked(holder.ended)
    }
    const value = this.environment.entries.getBinary(key)
    let owner: number | null = value ? recordOf(value) : null
    const own = transaction?.uniqueKeys.get(key.toString('latin1'))
    if (own !== undefined) owner = own
    if (owner === null || owner === record) return
    const unseen = transaction && own === undefined && (this.lastWritten.get(owner) ?? 0) > transaction.since
    throw unseen ? writeConflict() : duplicateKey(collection, index, doc)
  }

  private applyEntries(changes: EntryChange[], record: number): void {
    const { entries } = this.environment
    for (const { index, key, add } of changes) {
      if (add) continue
      const stored = entryKey(key, record, index.unique)
      // Within one commit another record may already have taken a unique key that this one gives up.
      if (!index.unique || recordIn(entries.getBinary(stored)) === record) entries.removeSync(stored)
    }
    for (const { index, key, add } of changes) if (add) entries.putSync(entryKey(key, record, index.unique), recordValue(record))
  }

  private lock(transaction: Transaction, record: number, changes: EntryChange[]): void {
    this.recordLocks.set(record, transaction)
    transaction.lockedRecords.push(record)
    for (const { index, key, add } of changes) {
      if (!index.unique) continue
      const text = key.toString('latin1')
      transaction.uniqueKeys.set(text, add ? record : null)
      this.keyLocks.set(text, transaction)
      transaction.lockedKeys.push(text)
    }
  }

  // ---- transactions

  begin(): Transaction {
    const root = this.environment.root as unknown as { resetReadTxn(): void }
    root.resetReadTxn()
    const transaction = new Transaction(this.environment.root.useReadTransaction(), this.writer.committed)
    this.transactions.add(transaction)
    return transaction
  }

  private release(transaction: Transaction): void {
    for (const record of transaction.lockedRecords)
      if (this.recordLocks.get(record) === transaction) this.recordLocks.delete(record)
    for (const key of transaction.lockedKeys) if (this.keyLocks.get(key) === transaction) this.keyLocks.delete(key)
  }

  private end(transaction: Transaction): void {
    if (!transaction.open) return
    this.release(transaction)
    this.transactions.delete(transaction)
    transaction.close()
  }

  abort(transaction: Transaction): void {
    const { created } = transaction
    this.end(transaction)
    if (created.length === 0) return
    const drop = () => {
      for (const collection of created) if (!collection.dropped && this.count(collection) === 0) this.catalogue.drop(collection)
    }
    this.write(drop).catch(() => undefined)
  }

  /**
   * Writes a transaction's changes at once.
   *
   * @param alongside further work for the same LMDB transaction
   */
  async commit(transaction: Transaction, alongside: () => void): Promise<void> {
    await this.write(() => {
      this.release(transaction)
      const changes = [...transaction.changes.values()].flatMap(records => [...records.entries()])
      if (changes.some(([, { collection }]) => collection.dropped)) throw writeConflict()
      // Every unique key was locked when it was taken, so nothing below can fail.
      for (const [record, { collection, old, doc }] of changes) if (old && !doc) this.remove(collection, record, old, null)
      for (const [record, { collection, old, doc, bytes }] of changes) {
        if (old && doc && bytes) this.replaceAtCommit(collection, record, doc, bytes, old)
      }
      for (const [record, { collection, old, doc, bytes }] of changes) {
        if (!old && doc && bytes) this.replaceAtCommit(collection, record, doc, bytes, null)
      }
      alongside()
    })
    for (const collection of transaction.created) collection.pending = false
    this.end(transaction)
  }

  // Two documents may have swapped a unique key: uniqueness was proven statement by statement and is not asked again.
  private replaceAtCommit(collection: Collection, record: number, doc: Doc, bytes: Buffer, old: Doc | null): void {
    const changes: EntryChange[] = []
    for (const index of collection.indexes) {
      if (old) for (const key of index.keys(old)) changes.push({ index, key, add: false })
      for (const key of index.keys(doc)) changes.push({ index, key, add: true })
    }
    this.applyEntries(changes, record)
    this.environment.documents.putSync(documentKey(collection.id, record), bytes)
    if (!old && collection.count !== undefined) collection.count++
    this.wrote(record)
  }

  // ---- indexes

  /** Builds an index over what is there. @throws StoreError 11000 when a unique one cannot be */
  buildIndex(collection: Collection, spec: Doc): void {
    const index = this.catalogue.newIndex(spec)
    const rows = this.scan(
      collection,
      { index: null, ranges: null, points: null, reverse: false, sorted: true, repeats: false },
      null,
    )
    const added: Buffer[] = []
    try {
      for (const { record, bytes } of rows) {
        const doc = decode(bytes)
        for (const key of index.keys(doc)) {
          if (index.unique) {
            const owner = recordIn(this.environment.entries.getBinary(key))
            if (owner !== undefined && owner !== record) throw duplicateKey(collection, index, doc)
          }
          const stored = entryKey(key, record, index.unique)
          this.environment.entries.putSync(stored, recordValue(record))
          added.push(stored)
        }
      }
    } catch (error) {
      for (const key of added) this.environment.entries.removeSync(key)
      throw error
    }
    this.catalogue.addIndex(collection, index)
  }

  /** Finds an index by name or key. @throws StoreError 27 */
  findIndex(collection: Collection, wanted: unknown): Index {
    const index = collection.indexes.find(other => other.name === wanted || sameKey(other.meta.spec.key, wanted))
    if (index) return index
    throw new StoreError(
      27,
      'IndexNotFound',
      typeof wanted === 'string'
        ? `index not found with name [${wanted}]`
        : `can't find index with key: ${JSON.stringify(wanted)}`,
    )
  }
}

const recordIn = (value: Buffer | undefined): number | undefined => (value ? recordOf(value) : undefined)
