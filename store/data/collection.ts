import { UUID } from 'bson'
import type { Doc } from '../bson/values.ts'
import { compileFilter, type MatchContext, type Test } from '../match/index.ts'
import { Index, type IndexMeta } from './index-entry.ts'

/** What the catalogue keeps of a collection. */
export type CollectionMeta = { id: number; options: Doc; uuid: UUID; indexes: IndexMeta[] }

/** One collection (or view) and its indexes. */
export class Collection {
  readonly meta: CollectionMeta
  indexes: Index[]
  /** Number of documents once it was counted; kept in step after that. */
  count: number | undefined
  dropped = false
  private namespace: string
  private validator: Test | null | undefined

  constructor(namespace: string, meta: CollectionMeta) {
    this.namespace = namespace
    this.meta = meta
    this.indexes = meta.indexes.map(index => new Index(index))
  }

  get id(): number {
    return this.meta.id
  }
  get options(): Doc {
    return this.meta.options
  }
  get ns(): string {
    return this.namespace
  }
  set ns(value: string) {
    this.namespace = value
  }
  get db(): string {
    return this.namespace.slice(0, this.namespace.indexOf('.'))
  }
  get name(): string {
    return this.namespace.slice(this.namespace.indexOf('.') + 1)
  }
  get isView(): boolean {
    return this.meta.options.viewOn !== undefined
  }

  /** Whether the document passes the collection's validator. */
  accepts(doc: Doc, context: MatchContext): boolean {
    if (this.validator === undefined) {
      const spec = this.options.validator as Doc | undefined
      const off = this.options.validationLevel === 'off' || this.options.validationAction === 'warn'
      this.validator = spec && Object.keys(spec).length > 0 && !off ? compileFilter(spec, context) : null
    }
    return this.validator === null || this.validator(doc)
  }

  /** To be called after the options changed. */
  forgetValidator(): void {
    this.validator = undefined
  }
}

/** A new collection's entry in the catalogue. */
export const newMeta = (id: number, options: Doc, idIndex: number): CollectionMeta => ({
  id,
  options,
  uuid: new UUID(),
  indexes:
    options.viewOn === undefined
      ? [{ id: idIndex, spec: { v: 2, key: { _id: 1 }, name: '_id_' }, multikey: [], cut: false }]
      : [],
})
