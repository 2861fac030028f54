import { UUID } from 'bson'
import { type Doc, decode, encode } from '../bson/index.ts'
import { isObject, toNumber } from '../bson/values.ts'
import { StoreError } from '../errors.ts'
import { Collection, type CollectionMeta, newMeta } from './collection.ts'
import type { Environment } from './environment.ts'
import { Garbage } from './garbage.ts'
import { Index } from './index-entry.ts'
import { documentKey, recordInKey } from './keys.ts'

// 1: collections alone; 2: unfinished indexes and what was dropped as well.
const format = 2
const formatKey = Buffer.from('\0format')
const draftPrefix = 'tmp.agg_out.'

/** Collections and their indexes: in memory, and in the file's `meta` table. Changes happen inside the writer's work. */
export class Catalogue {
  private readonly environment: Environment
  private readonly collections = new Map<string, Collection>()
  readonly garbage: Garbage
  private nextId = 1
  /** The highest record number in use. */
  lastRecord = 0

  constructor(environment: Environment) {
    this.environment = environment
    this.garbage = new Garbage(environment)
    this.checkFormat()
    this.reload()
    for (const { id } of this.collections.values()) {
      const newest = environment.documents.getKeys({
        start: documentKey(id + 1, 0),
        end: documentKey(id, 0),
        reverse: true,
        limit: 1,
      })
      for (const key of newest) this.lastRecord = Math.max(this.lastRecord, recordInKey(key))
    }
  }

  /** Brings the collections to what is on file. Those that are known stay the same objects, which cursors and transactions hold. */
  reload(): void {
    this.garbage.reload()
    this.nextId = Math.max(this.nextId, this.garbage.highestId + 1)
    const known = [...this.collections.values()]
    this.collections.clear()
    for (const { key, value } of this.environment.meta.getRange({})) {
      if (key[0] === 0) continue
      const meta = decode(value) as unknown as CollectionMeta
      this.nextId = Math.max(this.nextId, meta.id + 1, ...meta.indexes.map(index => index.id + 1))
      const collection = known.find(other => other.id === meta.id)
      collection?.restore(key.toString(), meta)
      this.collections.set(key.toString(), collection ?? new Collection(key.toString(), meta))
    }
    for (const collection of known) collection.dropped = !this.all().includes(collection)
  }

  private checkFormat(): void {
    const { meta } = this.environment
    const stored = meta.get(formatKey)
    const found = stored === undefined ? 0 : toNumber(decode(stored).format)
    if (found < format) meta.putSync(formatKey, encode({ format }))
    else if (found > format) {
      throw new StoreError(
        10302,
        'FormatTooNew',
        'The data was written by a newer version of this program; start that version, or restore a backup made by this one.',
      )
    }
  }

  get(ns: string): Collection | undefined {
    return this.collections.get(ns)
  }

  all(): Collection[] {
    return [...this.collections.values()]
  }

  inDatabase(db: string): Collection[] {
    return this.all().filter(collection => collection.db === db)
  }

  create(ns: string, options: Doc): Collection {
    checkName(ns)
    const collection = new Collection(ns, newMeta(this.nextId, options, this.nextId + 1))
    this.nextId += 2
    collection.count = 0
    this.collections.set(ns, collection)
    this.save(collection)
    return collection
  }

  /** A collection beside another of the same database, which it will replace. */
  createDraft(ns: string, options: Doc): Collection {
    checkName(ns)
    return this.create(`${ns.slice(0, ns.indexOf('.'))}.${draftPrefix}${new UUID()}`, options)
  }

  save(collection: Collection): void {
    this.environment.meta.putSync(Buffer.from(collection.ns), encode(collection.meta as unknown as Doc))
    for (const index of collection.indexes) index.dirty = false
  }

  drop(collection: Collection): void {
    this.collections.delete(collection.ns)
    this.environment.meta.removeSync(Buffer.from(collection.ns))
    this.garbage.add('documents', collection.id)
    for (const index of collection.indexes) this.garbage.add('entries', index.meta.id)
    collection.dropped = true
  }

  rename(collection: Collection, ns: string): void {
    checkName(ns)
    this.collections.delete(collection.ns)
    this.environment.meta.removeSync(Buffer.from(collection.ns))
    collection.ns = ns
    this.collections.set(ns, collection)
    this.save(collection)
  }

  /** Adds an index that writes keep from now on; queries use it once it is complete. */
  beginIndex(collection: Collection, spec: Doc): Index {
    const index = new Index({ id: this.nextId++, spec, multikey: [], cut: false, building: true })
    collection.indexes.push(index)
    collection.meta.indexes.push(index.meta)
    this.save(collection)
    return index
  }

  /** Adds an index to a collection that holds nothing yet. */
  addIndex(collection: Collection, spec: Doc): void {
    this.completeIndex(collection, this.beginIndex(collection, spec))
  }

  completeIndex(collection: Collection, index: Index): void {
    index.meta.building = false
    this.save(collection)
  }

  /** Removes indexes whose building was cut off by the end of the process. Inside a write. */
  dropUnfinished(): void {
    for (const collection of this.all())
      for (const index of collection.indexes) if (index.meta.building) this.dropIndex(collection, index)
  }

  /** Removes collections whose writing was cut off by the end of the process. Inside a write. */
  dropDrafts(): void {
    for (const collection of this.all()) if (collection.name.startsWith(draftPrefix)) this.drop(collection)
  }

  dropIndex(collection: Collection, index: Index): void {
    collection.indexes = collection.indexes.filter(other => other !== index)
    collection.meta.indexes = collection.meta.indexes.filter(other => other !== index.meta)
    this.garbage.add('entries', index.meta.id)
    this.save(collection)
  }
}

const maxNameBytes = 255
const maxDatabaseNameBytes = 63

/** @throws StoreError 73 for a namespace that MongoDB would not take (manual: "Naming Restrictions") */
function checkName(ns: string): void {
  const [db, name] = [ns.slice(0, ns.indexOf('.')), ns.slice(ns.indexOf('.') + 1)]
  const bad = name === '' || name.startsWith('.') || name.endsWith('.') || name.includes('$') || name.includes('\0')
  const isLong = Buffer.byteLength(ns) > maxNameBytes || Buffer.byteLength(db) > maxDatabaseNameBytes
  if (bad || isLong || /[\s/\\"$]/.test(db)) {
    throw new StoreError(73, 'InvalidNamespace', `Invalid namespace specified '${ns.slice(0, 300)}'`)
  }
}

/** Index specifications are compared by their keys in order. */
export const sameKey = (left: unknown, right: unknown): boolean =>
  isObject(left) &&
  isObject(right) &&
  JSON.stringify(Object.entries(left).map(normal)) === JSON.stringify(Object.entries(right).map(normal))

const normal = ([path, direction]: [string, unknown]) => [
  path,
  typeof direction === 'string' ? direction : Math.sign(toNumber(direction)),
]
