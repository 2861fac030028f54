import type { Doc, TextOrder } from '../bson/index.ts'
import { isObject } from '../bson/values.ts'
import type { Database, Transaction } from '../data/index.ts'
import { location } from '../errors.ts'
import type { Variables } from '../expressions/index.ts'
import type { Pace } from '../query/index.ts'

/** What stages reach beside their documents. */
export type Run = {
  database: Database
  nowMs: () => number
  db: string
  variables: Variables
  transaction: Transaction | null
  pace: Pace
  /** What `$listLocalSessions` gives. */
  listSessions: () => Doc[]
  /** The order of texts under a collation. */
  text: TextOrder | undefined
  /** Runs a pipeline over another collection, or over given documents when `collection` is null. */
  pipeline: (collection: string | null, stages: Doc[], variables: Variables, source?: Doc[]) => Promise<Doc[]>
}

/** A compiled stage. */
export type Stage = (docs: Doc[], run: Run) => Promise<Doc[]> | Doc[]

/** Compiles a stage from its specification. */
export type StageCompiler = (spec: unknown, name: string) => Stage

/** Maps documents one by one and lets others run in between. */
export async function mapPaced<T>(docs: Doc[], run: Run, work: (doc: Doc) => T): Promise<T[]> {
  const out: T[] = []
  for (const [index, doc] of docs.entries()) {
    out.push(work(doc))
    if (index % 128 === 127 && run.pace.due) await run.pace.rest()
  }
  return out
}

/** @throws StoreError 40415 for a part of a stage's specification that it does not have */
export function checkParts(spec: unknown, name: string, known: string[]): void {
  if (!isObject(spec)) return
  for (const part of Object.keys(spec))
    if (!known.includes(part)) throw location(40415, `BSON field '${name}.${part}' is an unknown field.`)
}
