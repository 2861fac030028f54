import type { Doc } from '../bson/index.ts'
import { StoreError, writeConflict } from '../errors.ts'
import { Catalogue, sameKey } from './catalogue.ts'
import type { Collection } from './collection.ts'
import { DiskGuard } from './disk-guard.ts'
import { Entries, type EntryChange } from './entries.ts'
import { type Environment, fileBytes, openEnvironment, verify } from './environment.ts'
import { IndexBuild, type Wanted } from './index-build.ts'
import type { Index } from './index-entry.ts'
import { documentKey, numberedRange } from './keys.ts'
import { Locks } from './locks.ts'
import { type Plan, plan } from './planner.ts'
import { type Row, readDocument, scan } from './scan.ts'
import { Transaction } from './transaction.ts'
import { Blocked, Writer } from './writer.ts'

/**
 * Documents, indexes and transactions on one LMDB file.
 *
 * Everything that changes data (`put`, `remove`, catalogue changes) runs inside `write`, which makes it atomic and durable.
 */
export class Database {
  readonly environment: Environment
  readonly catalogue: Catalogue
  private readonly writer: Writer
  private readonly locks: Locks
  private readonly entries: Entries
  private builds: Promise<unknown> = Promise.resolve()
  private tidying = false
  private closing = false

  /**
   * @param minFreeBytes with less than this left on the disk nothing is written
   * @param fatal hears that the file cannot be written any more; the process should start anew
   */
  constructor(file: string, nowMs: () => number, minFreeBytes: number, fatal: (error: Error) => void) {
    this.environment = openEnvironment(file)
    this.catalogue = new Catalogue(this.environment)
    const disk = new DiskGuard(file, minFreeBytes, nowMs)
    this.writer = new Writer(this.environment, disk, { forget: () => this.catalogue.reload(), fatal })
    this.locks = new Locks(this.writer)
    this.entries = new Entries(this.environment, this.catalogue, this.locks)
    // On a full disk it is left for the next start.
    this.write(() => {
      this.catalogue.dropUnfinished()
      this.catalogue.dropDrafts()
    }).catch(() => undefined)
  }

  get fileBytes(): number {
    return fileBytes(this.environment.root)
  }

  /** Reads the whole file. @throws StoreError 246 or 22 when it is damaged */
  verify(): void {
    verify(this.environment)
  }

  async close(): Promise<void> {
    this.closing = true
    for (const transaction of this.locks.transactions) this.end(transaction)
    // What others wrote before is on file then; on a full disk this write itself is refused.
    await this.write(() => undefined).catch(() => undefined)
    await this.environment.root.close()
  }

  /** Runs synchronous work in the next batch; resolves when it is on disk. `endMs`: when its time is over, see `Writer.run`. */
  async write<T>(work: () => T, endMs?: number): Promise<T> {
    const result = await this.writer.run(work, endMs)
    if (this.catalogue.garbage.isPending && !this.tidying) void this.tidy()
    return result
  }

  // What was dropped goes in small commits between those of others; after a failure the next write tries again.
  private async tidy(): Promise<void> {
    this.tidying = true
    try {
      while (this.catalogue.garbage.isPending && !this.closing) await this.writer.run(() => this.catalogue.garbage.removeSome())
    } catch {
      return
    } finally {
      this.tidying = false
    }
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
    this.locks.checkRecord(record, transaction)
  }

  insert(collection: Collection, doc: Doc, bytes: Buffer, transaction: Transaction | null): void {
    const record = this.catalogue.lastRecord + 1
    this.put(collection, record, doc, bytes, null, transaction)
  }

  /** Writes a document: `old` is what the record holds now, null for a new record. */
  put(collection: Collection, record: number, doc: Doc, bytes: Buffer, old: Doc | null, transaction: Transaction | null): void {
    this.checkFree(record, transaction)
    const changes = this.entries.changes(collection, { record, doc, old }, transaction)
    this.catalogue.lastRecord = Math.max(this.catalogue.lastRecord, record)
    if (transaction) {
      this.hold(transaction, record, changes)
      transaction.note(collection, record, doc, bytes, old)
      return
    }
    this.entries.apply(changes, record)
    this.environment.documents.putSync(documentKey(collection.id, record), bytes)
    if (!old && collection.count !== undefined) collection.count++
    this.locks.wrote(record)
  }

  remove(collection: Collection, record: number, old: Doc, transaction: Transaction | null): void {
    this.checkFree(record, transaction)
    const changes = this.entries.changes(collection, { record, doc: null, old }, transaction)
    if (transaction) {
      this.hold(transaction, record, changes)
      transaction.note(collection, record, null, null, old)
      return
    }
    this.entries.apply(changes, record)
    this.environment.documents.removeSync(documentKey(collection.id, record))
    if (collection.count !== undefined) collection.count--
    this.locks.wrote(record)
  }

  private hold(transaction: Transaction, record: number, changes: EntryChange[]): void {
    this.locks.holdRecord(transaction, record)
    for (const { index, key, add } of changes) if (index.unique) this.locks.holdKey(transaction, key, add ? record : null)
  }

  // ---- transactions

  begin(): Transaction {
    const root = this.environment.root as unknown as { resetReadTxn(): void }
    root.resetReadTxn()
    const transaction = new Transaction(this.environment.root.useReadTransaction(), this.writer.committed)
    this.locks.transactions.add(transaction)
    return transaction
  }

  private end(transaction: Transaction): void {
    if (!transaction.open) return
    this.locks.release(transaction)
    this.locks.transactions.delete(transaction)
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
      this.locks.release(transaction)
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
    this.entries.apply(changes, record)
    this.environment.documents.putSync(documentKey(collection.id, record), bytes)
    if (!old && collection.count !== undefined) collection.count++
    this.locks.wrote(record)
  }

  // ---- indexes

  /**
   * Builds indexes, one command after another. @throws StoreError 11000 when a unique one cannot be
   *
   * @param begin says, inside the write that begins the build, what is wanted
   * @param check throws when the time of the command is over
   */
  buildIndexes(begin: () => Wanted, check: () => void): Promise<void> {
    const built = this.builds.then(() => this.buildNow(begin, check))
    this.builds = built.catch(() => undefined)
    return built
  }

  private async buildNow(begin: () => Wanted, check: () => void): Promise<void> {
    let build: IndexBuild | null = null
    const step = () => {
      check()
      if (!build) {
        // There is one build at a time: what is unfinished now could not be removed when it failed.
        this.catalogue.dropUnfinished()
        build = new IndexBuild(this, begin())
      }
      return build.step()
    }
    try {
      while (!(await this.write(step)));
    } catch (error) {
      await this.write(() => build?.abandon())
      throw error
    }
  }

  /** @throws Blocked while a transaction has changes in the collection that a new index would not know */
  waitForWriters(collection: Collection): void {
    if (collection.pending) return
    for (const transaction of this.locks.transactions)
      if (transaction.changesOf(collection)?.size) throw new Blocked(transaction.ended)
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
