import { statfs } from 'node:fs/promises'
import path from 'node:path'
import { StoreError } from '../errors.ts'

const checkEveryMs = 1000

/** Code 14031: there is no room for the write. */
export const diskFull = () =>
  new StoreError(14031, 'OutOfDiskSpace', 'The disk is nearly full: nothing was written. Free some space and try again.')

/** Watches the free space of the disk, so that writes are refused while there is still room for what must be written. */
export class DiskGuard {
  private readonly folder: string
  private readonly minFreeBytes: number
  private readonly nowMs: () => number
  private checkedAtMs = 0
  private full = false

  constructor(file: string, minFreeBytes: number, nowMs: () => number) {
    this.folder = path.dirname(file)
    this.minFreeBytes = minFreeBytes
    this.nowMs = nowMs
  }

  /** @throws StoreError 14031 when the disk is as good as full */
  async check(): Promise<void> {
    if (this.nowMs() - this.checkedAtMs >= checkEveryMs) await this.look()
    if (this.full) throw diskFull()
  }

  /** Whether the disk is as good as full at this moment. */
  async look(): Promise<boolean> {
    this.checkedAtMs = this.nowMs()
    const { bavail, bsize } = await statfs(this.folder)
    this.full = bavail * bsize < this.minFreeBytes
    return this.full
  }
}
