import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { openEmbeddedStore } from '../../../store/index.ts'

/** A store of one's own in a temporary folder, removed afterwards. */
export async function withScratchStore<T>(work: (uri: string, folder: string) => Promise<T>): Promise<T> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'kelian-soak-'))
  const store = await openEmbeddedStore({ dataDir })
  try {
    return await work(store.uri, dataDir)
  } finally {
    await store.close()
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 })
  }
}

/** The folder given on the command line. Ends the process with the way to get it when there is none. */
export function folderArgument(usage: string[]): [folder: string, ...others: string[]] {
  const [folder, ...others] = process.argv.slice(2)
  if (folder !== undefined) return [path.resolve(folder), ...others]
  process.stdout.write(`${usage.join('\n')}\n`)
  process.exit(2)
}
