import { StoreError } from '../errors.ts'
import type { Collection } from './collection.ts'
import type { Environment, Table } from './environment.ts'
import { documentKey, recordInKey, recordOf } from './keys.ts'
import type { Plan } from './planner.ts'
import type { Transaction } from './transaction.ts'

/** A stored document and its record number. */
export type Row = { record: number; bytes: Buffer }

type Entry = { key: Buffer; value: Buffer }

// Reading through a snapshot that was given back would end the process.
function checkOpen(transaction: Transaction | null): void {
  if (transaction && !transaction.open) {
    throw new StoreError(251, 'NoSuchTransaction', 'The transaction of this cursor has ended.', {
      labels: ['TransientTransactionError'],
    })
  }
}

const firstChunk = 64
const laterChunks = 512

// Reads in chunks and starts each at the last key: no LMDB read transaction stays open while the event loop turns.
function* readRange(
  table: Table,
  start: Buffer,
  end: Buffer,
  reverse: boolean,
  transaction: Transaction | null,
): Generator<Entry> {
  let limit = firstChunk
  let from = reverse ? end : start
  let exclusive = reverse
  for (;;) {
    checkOpen(transaction)
    const options = {
      start: from,
      end: reverse ? start : end,
      reverse,
      limit,
      exclusiveStart: exclusive,
      inclusiveEnd: reverse,
      ...(transaction ? { transaction: transaction.snapshot } : {}),
    }
    const chunk: Entry[] = Array.from(table.getRange(options))
    yield* chunk
    const last = chunk.at(-1)
    if (!last || chunk.length < limit) return
    from = Buffer.from(last.key)
    exclusive = true
    limit = laterChunks
  }
}

/** The documents of a collection from a record on, as everybody sees them. */
export function* documentsFrom(environment: Environment, collection: Collection, record: number): Generator<Row> {
  const [start, end] = [documentKey(collection.id, record), documentKey(collection.id + 1, 0)]
  for (const { key, value } of readRange(environment.documents, start, end, false, null)) {
    yield { record: recordInKey(key), bytes: value }
  }
}

/** Reads one document as the transaction, or everybody, sees it. */
export function readDocument(
  environment: Environment,
  collection: Collection,
  record: number,
  transaction: Transaction | null,
): Buffer | undefined {
  const changed = transaction?.changesOf(collection)?.get(record)
  if (changed) return changed.bytes ?? undefined
  checkOpen(transaction)
  const key = documentKey(collection.id, record)
  return transaction
    ? (environment.documents as unknown as { getBinary(key: Buffer, options: object): Buffer | undefined }).getBinary(key, {
        transaction: transaction.snapshot,
      })
    : environment.documents.getBinary(key)
}

function* recordsOf(environment: Environment, plan: Plan, transaction: Transaction | null): Generator<number> {
  if (plan.points) {
    const options = transaction ? { transaction: transaction.snapshot } : {}
    for (const key of plan.points) {
      checkOpen(transaction)
      const value = (environment.entries as unknown as { getBinary(key: Buffer, options: object): Buffer | undefined }).getBinary(
        key,
        options,
      )
      if (value) yield recordOf(value)
    }
    return
  }
  for (const [start, end] of plan.ranges ?? []) {
    for (const { value } of readRange(environment.entries, start, end, plan.reverse, transaction)) yield recordOf(value)
  }
}

/** The documents that a plan leads to, each once; those changed by the transaction come last and in no order. */
export function* scan(
  environment: Environment,
  collection: Collection,
  plan: Plan,
  transaction: Transaction | null,
): Generator<Row> {
  const changes = transaction?.changesOf(collection)
  if (!plan.ranges && !plan.points) {
    const [start, end] = [documentKey(collection.id, 0), documentKey(collection.id + 1, 0)]
    for (const { key, value } of readRange(environment.documents, start, end, plan.reverse, transaction)) {
      const record = recordInKey(key)
      if (!changes?.has(record)) yield { record, bytes: value }
    }
  } else {
    const seen = plan.repeats ? new Set<number>() : null
    for (const record of recordsOf(environment, plan, transaction)) {
      if (changes?.has(record) || seen?.has(record)) continue
      seen?.add(record)
      const bytes = readDocument(environment, collection, record, transaction)
      // Between reading the index and the document another write may have removed it.
      if (bytes) yield { record, bytes }
    }
  }
  for (const [record, { bytes }] of changes ?? []) if (bytes) yield { record, bytes }
}
