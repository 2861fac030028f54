import { decode, encode } from '../bson/index.ts'
import type { Environment } from './environment.ts'
import { numberedRange } from './keys.ts'

type Kind = 'documents' | 'entries'
type Item = { kind: Kind; id: number }

const prefix = '\0dropped:'
const keyOf = ({ kind, id }: Item) => Buffer.from(`${prefix}${kind}:${id}`)
const sliceMs = 8
const chunk = 500

/**
 * What collections and indexes have left behind that were dropped. To remove a million entries takes seconds, so dropping only notes the number in
 * the same commit; the entries go a few at a time, also after a restart. Until then nobody gets the number again.
 */
export class Garbage {
  private readonly environment: Environment
  private items: Item[] = []

  constructor(environment: Environment) {
    this.environment = environment
  }

  get isPending(): boolean {
    return this.items.length > 0
  }

  /** The highest number that is still in use here. */
  get highestId(): number {
    return Math.max(0, ...this.items.map(({ id }) => id))
  }

  /** Reads what is on file. */
  reload(): void {
    const found = this.environment.meta.getRange({ start: Buffer.from(prefix), end: Buffer.from(`${prefix}\u{7f}`) })
    this.items = Array.from(found, ({ value }) => decode(value) as Item)
  }

  /** Notes everything under a number of a table as left behind. Inside a write. */
  add(kind: Kind, id: number): void {
    const [start, end] = numberedRange(id)
    const isEmpty = Array.from(this.environment[kind].getKeys({ start, end, limit: 1 })).length === 0
    if (isEmpty) return
    this.items.push({ kind, id })
    this.environment.meta.putSync(keyOf({ kind, id }), encode({ kind, id }))
  }

  /** Removes some of it. Inside a write. */
  removeSome(): void {
    const endMs = performance.now() + sliceMs
    for (let item = this.items[0]; item && performance.now() < endMs; item = this.items[0]) {
      const table = this.environment[item.kind]
      const [start, end] = numberedRange(item.id)
      const keys = Array.from(table.getKeys({ start, end, limit: chunk }))
      for (const key of keys) table.removeSync(key)
      if (keys.length === chunk) continue
      this.items.shift()
      this.environment.meta.removeSync(keyOf(item))
    }
  }
}
