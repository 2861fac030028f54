import { createHash, type Hash } from 'node:crypto'
import { z } from 'zod'

/**
 * A backup is one gzip'd text file of JSON lines: a header; for each collection a line with its name and indexes, then its documents as canonical
 * Extended JSON (MongoDB Extended JSON v2, types kept) under `d`; at the end the count and digest of every collection.
 */
export const FORMAT = 1

export const header = z.object({ kelian: z.literal('backup'), format: z.number().int(), createdAt: z.string() })

export const indexSpec = z.looseObject({ key: z.record(z.string(), z.unknown()), name: z.string() })

export const collectionLine = z.object({ collection: z.string().min(1), indexes: z.array(indexSpec) })

const total = z.object({ documents: z.number().int(), sha256: z.string() })

export const footer = z.object({ end: z.record(z.string(), total) })

/** Documents and digest by collection. */
export type Totals = z.output<typeof footer>['end']
export type IndexSpec = z.output<typeof indexSpec>

/** Count and digest of one collection's document lines. */
export class Tally {
  documents = 0
  readonly #hash: Hash = createHash('sha256')

  add(line: string): void {
    this.documents += 1
    this.#hash.update(line).update('\n')
  }

  total(): Totals[string] {
    return { documents: this.documents, sha256: this.#hash.copy().digest('hex') }
  }
}
