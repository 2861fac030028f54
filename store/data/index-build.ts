import { type Doc, decode } from '../bson/index.ts'
import { StoreError } from '../errors.ts'
import type { Collection } from './collection.ts'
import type { Database } from './database.ts'
import { duplicateKey } from './duplicate.ts'
import type { Index } from './index-entry.ts'
import { entryKey, recordOf, recordValue } from './keys.ts'
import { documentsFrom } from './scan.ts'

/** The indexes that a collection should have. `isPresent` tells which it has; it throws for one that another stands in the way of. */
export type Wanted = { collection: Collection; specs: Doc[]; isPresent: (spec: Doc) => boolean }

const sliceMs = 10

/**
 * Builds indexes over what is there, a slice per commit, while others read and write (manual: "Index Builds on Populated Collections"). From its
 * first slice on every write keeps the index; queries use it when it is complete. One that was not completed is removed at the next start.
 */
export class IndexBuild {
  private readonly database: Database
  private readonly collection: Collection
  private readonly specs: Doc[]
  private readonly isPresent: (spec: Doc) => boolean
  private index: Index | null = null
  private nextRecord = 0

  constructor(database: Database, { collection, specs, isPresent }: Wanted) {
    this.database = database
    this.collection = collection
    this.specs = [...specs]
    this.isPresent = isPresent
  }

  /** Does one slice, inside a write. Gives true when everything is built. @throws StoreError 11000, 171, 276 */
  step(): boolean {
    const endMs = performance.now() + sliceMs
    for (;;) {
      if (!this.index) {
        const spec = this.specs.find(one => !this.isPresent(one))
        if (!spec) return true
        this.database.waitForWriters(this.collection)
        this.index = this.database.catalogue.beginIndex(this.collection, spec)
        this.nextRecord = 0
      }
      if (!this.fill(this.index, endMs)) return false
      this.database.catalogue.completeIndex(this.collection, this.index)
      this.index = null
    }
  }

  /** Removes the index that could not be completed, inside a write. */
  abandon(): void {
    const { collection, index } = this
    const left = collection.indexes.find(other => other.meta.id === index?.meta.id)
    if (left && !collection.dropped) this.database.catalogue.dropIndex(collection, left)
  }

  private fill(index: Index, endMs: number): boolean {
    const { collection, database } = this
    if (collection.dropped || !collection.indexes.includes(index))
      throw new StoreError(276, 'IndexBuildAborted', `Index build on ${collection.ns} was aborted: it was dropped`)
    for (const { record, bytes } of documentsFrom(database.environment, collection, this.nextRecord)) {
      this.add(index, record, decode(bytes))
      this.nextRecord = record + 1
      if (performance.now() > endMs) return false
    }
    return true
  }

  private add(index: Index, record: number, doc: Doc): void {
    const { entries } = this.database.environment
    for (const key of index.keys(doc)) {
      if (index.unique) {
        const owner = entries.getBinary(key)
        if (owner && recordOf(owner) !== record) throw duplicateKey(this.collection, index, doc)
      }
      entries.putSync(entryKey(key, record, index.unique), recordValue(record))
    }
  }
}
