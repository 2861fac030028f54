import { Long } from 'bson'
import { type Doc, Raw } from '../bson/index.ts'
import { StoreError } from '../errors.ts'
import { Pace, pause, type Rows } from '../query/index.ts'

type Cursor = {
  rows: Rows
  ns: string
  waiting: Buffer | null
  done: boolean
  usedAtMs: number
  busy: boolean
  /** The client asked that it is not closed for being idle. */
  kept: boolean
}

/** How a cursor begins: with one batch only, within a time, and whether it is kept however long it is idle. */
export type CursorOptions = { single?: boolean; limitMs?: number; kept?: boolean }

const maxBatchBytes = 16 * 1024 * 1024
const idleLimitMs = 10 * 60_000

/** Open cursors (manual: "Cursors"). None holds a lock or a read transaction of LMDB. */
export class Cursors {
  private readonly nowMs: () => number
  private readonly open = new Map<bigint, Cursor>()
  private nextId = 1n

  constructor(nowMs: () => number) {
    this.nowMs = nowMs
  }

  /** The first batch of a result, and a cursor for the rest. */
  async start(ns: string, rows: Rows, batchSize: number, options: CursorOptions = {}): Promise<Doc> {
    const cursor: Cursor = {
      rows,
      ns,
      waiting: null,
      done: false,
      usedAtMs: this.nowMs(),
      busy: false,
      kept: options.kept === true,
    }
    const firstBatch = await this.fill(cursor, batchSize, options.limitMs ?? 0)
    if (cursor.done || options.single) return { cursor: { firstBatch, id: Long.ZERO, ns } }
    const id = this.nextId++
    this.open.set(id, cursor)
    return { cursor: { firstBatch, id: Long.fromBigInt(id), ns } }
  }

  /** The next batch. @throws StoreError 43 for a cursor that is not there */
  async more(id: bigint, batchSize: number): Promise<Doc> {
    const cursor = this.open.get(id)
    if (!cursor) throw new StoreError(43, 'CursorNotFound', `cursor id ${id} not found`)
    if (cursor.busy) throw new StoreError(11601, 'Interrupted', `cursor id ${id} is already in use`)
    cursor.busy = true
    try {
      cursor.usedAtMs = this.nowMs()
      const nextBatch = await this.fill(cursor, batchSize, 0)
      if (cursor.done) this.open.delete(id)
      return { cursor: { nextBatch, id: cursor.done ? Long.ZERO : Long.fromBigInt(id), ns: cursor.ns } }
    } catch (error) {
      this.open.delete(id)
      throw error
    } finally {
      cursor.busy = false
    }
  }

  kill(id: bigint): boolean {
    this.open.get(id)?.rows.return?.()
    return this.open.delete(id)
  }

  /** Forgets cursors that nobody asked for ten minutes. */
  sweep(): void {
    for (const [id, cursor] of this.open)
      if (!cursor.busy && !cursor.kept && this.nowMs() - cursor.usedAtMs > idleLimitMs) this.kill(id)
  }

  private async fill(cursor: Cursor, batchSize: number, limitMs: number): Promise<Raw[]> {
    const batch: Raw[] = []
    const pace = new Pace(limitMs)
    let bytes = 0
    while (batch.length < batchSize) {
      const next = cursor.waiting ?? this.advance(cursor)
      cursor.waiting = null
      if (next === null) break
      if (next === pause) {
        if (pace.due) await pace.rest()
        continue
      }
      if (batch.length > 0 && bytes + next.length > maxBatchBytes) {
        cursor.waiting = next
        break
      }
      batch.push(new Raw(next))
      bytes += next.length
    }
    return batch
  }

  private advance(cursor: Cursor): Buffer | typeof pause | null {
    const { value, done } = cursor.rows.next()
    if (!done) return value
    cursor.done = true
    return null
  }
}
