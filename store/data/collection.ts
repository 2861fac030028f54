import { UUID } from 'bson'
import type { Doc } from '../bson/values.ts'
import { compileExpression } from '../expressions/index.ts'
import { compileFilter, type MatchContext, type Test } from '../match/index.ts'
import { Index, type IndexMeta } from './index-entry.ts'

/** What the catalogue keeps of a collection. */
export type CollectionMeta = { id: number; options: Doc; uuid: UUID; indexes: IndexMeta[] }

// A validator has the variables of no command, and its own clock.
const contextOf = (nowMs: () => number): MatchContext => ({
  expression: expression => {
    const evaluate = compileExpression(expression)
    return doc => evaluate(doc, { NOW: new Date(nowMs()) })
  },
})

/** One collection (or view) and its indexes. */
export class Collection {
  meta: CollectionMeta
  indexes: Index[]
  /** Number of documents once it was counted; kept in step after that. */
  count: number | undefined
  dropped = false
  /** Made by a transaction that is still open: nobody else is told of it. */
  pending = false
  private namespace: string
  private validator: Test | null | undefined

  constructor(namespace: string, meta: CollectionMeta) {
    this.namespace = namespace
    this.meta = meta
    this.indexes = meta.indexes.map(index => new Index(index))
  }

  /** Takes over what is on file, after changes that could not be stored. */
  restore(namespace: string, meta: CollectionMeta): void {
    this.namespace = namespace
    this.meta = meta
    this.indexes = meta.indexes.map(index => new Index(index))
    this.count = undefined
    this.validator = undefined
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

  /**
   * Whether the collection's validator lets a document in (manual: "Specify Validation Level").
   *
   * @param old the document before an update: at level moderate one that was not valid before need not become so
   */
  accepts(doc: Doc, nowMs: () => number, old?: Doc): boolean {
    if (this.validator === undefined) {
      const spec = this.options.validator as Doc | undefined
      const off = this.options.validationLevel === 'off'
      this.validator = spec && Object.keys(spec).length > 0 && !off ? compileFilter(spec, contextOf(nowMs)) : null
    }
    if (this.validator === null || this.validator(doc)) return true
    return old !== undefined && this.options.validationLevel === 'moderate' && !this.validator(old)
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
