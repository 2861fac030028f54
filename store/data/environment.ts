import { statSync, truncateSync } from 'node:fs'
import { type Database, open, type RootDatabase } from 'lmdb'
import { decode } from '../bson/index.ts'
import { StoreError } from '../errors.ts'
import { isSuspect, suspect, trust } from './suspect.ts'

/** A table of bytes by bytes. */
export type Table = Database<Buffer, Buffer>

/** The LMDB file and its tables. */
export type Environment = {
  root: RootDatabase<Buffer, Buffer>
  /** Collections by namespace, and the format of the file. */
  meta: Table
  /** Documents by collection and record number. */
  documents: Table
  /** Index entries; the value is the record number. */
  entries: Table
  /** The last retryable write or transaction of each session. */
  sessions: Table
}

/** Code 246: what is on file cannot have been written by this program. */
const corrupt = (what: string) => new StoreError(246, 'DataCorruptionDetected', `The data file is damaged: ${what}`)

const metaPages = 2

/** The length of the file as it says itself. */
export function fileBytes(root: RootDatabase<Buffer, Buffer>): number {
  const { pageSize, lastPageNumber } = root.getStats() as { pageSize: number; lastPageNumber: number }
  return (lastPageNumber + 1) * pageSize
}

// As long as the file says of itself that it is. Done before any page is read: reading behind the end of a mapped file ends the process.
// Pages at the end may rightly be missing, when they were given back before they were written.
function restoreLength(root: RootDatabase<Buffer, Buffer>, file: string): void {
  const fullBytes = fileBytes(root)
  if (statSync(file).size >= fullBytes) return
  suspect(file)
  truncateSync(file, fullBytes)
}

/**
 * Opens or makes the file; one that is suspect, or short, is read through. Commits are synced to disk before they resolve: `noSync` and
 * overlapping syncs stay off.
 *
 * @throws StoreError 246 when the file is damaged; errors of LMDB and of the file system
 */
export function openEnvironment(file: string): Environment {
  const smallestPage = 4096
  const found = statSync(file, { throwIfNoEntry: false })
  if (found?.isFile() && found.size < metaPages * smallestPage) throw corrupt('it is nearly empty')
  const binary = { keyEncoding: 'binary', encoding: 'binary' } as const
  const root = open<Buffer, Buffer>({ path: file, ...binary, maxDbs: 8, overlappingSync: false, noSync: false })
  restoreLength(root, file)
  const table = (name: string) => root.openDB<Buffer, Buffer>({ name, ...binary })
  const environment = {
    root,
    meta: table('meta'),
    documents: table('documents'),
    entries: table('entries'),
    sessions: table('sessions'),
  }
  if (isSuspect(file)) {
    verify(environment)
    trust(file)
  }
  return environment
}

function walk(name: string, table: Table, check: (value: Buffer) => unknown): void {
  let found = 0
  for (const { value } of table.getRange({})) {
    check(value)
    found++
  }
  const { entryCount } = table.getStats() as { entryCount: number }
  if (found !== entryCount) throw corrupt(`table ${name} has ${found} of ${entryCount} entries`)
}

/**
 * Reads everything there is: about a second for 200,000 documents. A damaged page may end the process.
 *
 * @throws StoreError 246 or 22 when something is missing or cannot be read
 */
export function verify({ meta, documents, entries, sessions }: Environment): void {
  walk('meta', meta, decode)
  walk('documents', documents, decode)
  walk('entries', entries, value => value.length)
  walk('sessions', sessions, decode)
}
