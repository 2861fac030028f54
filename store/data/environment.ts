import { statfs } from 'node:fs/promises'
import path from 'node:path'
import { type Database, open, type RootDatabase } from 'lmdb'
import { StoreError } from '../errors.ts'

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

/** Opens or makes the file. Commits are synced to disk before they resolve: `noSync` and overlapping syncs stay off. */
export function openEnvironment(file: string): Environment {
  const binary = { keyEncoding: 'binary', encoding: 'binary' } as const
  const root = open<Buffer, Buffer>({ path: file, ...binary, maxDbs: 8, overlappingSync: false, noSync: false })
  const table = (name: string) => root.openDB<Buffer, Buffer>({ name, ...binary })
  return { root, meta: table('meta'), documents: table('documents'), entries: table('entries'), sessions: table('sessions') }
}

const minFreeBytes = 32 * 1024 * 1024
const checkEveryMs = 1000

/** Watches the free space of the disk: a commit that fails for want of space would take the process with it. */
export class DiskGuard {
  private readonly folder: string
  private readonly nowMs: () => number
  private checkedAtMs = 0
  private full = false

  constructor(file: string, nowMs: () => number) {
    this.folder = path.dirname(file)
    this.nowMs = nowMs
  }

  /** @throws StoreError 14031 when the disk is as good as full */
  async check(): Promise<void> {
    if (this.nowMs() - this.checkedAtMs >= checkEveryMs) {
      this.checkedAtMs = this.nowMs()
      const { bavail, bsize } = await statfs(this.folder)
      this.full = bavail * bsize < minFreeBytes
    }
    if (this.full)
      throw new StoreError(
        14031,
        'OutOfDiskSpace',
        'The disk is nearly full: nothing was written. Free some space and try again.',
      )
  }
}
