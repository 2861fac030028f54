import { mkdirSync, statSync } from 'node:fs'
import path from 'node:path'

const isFolder = (name: string) => statSync(name, { throwIfNoEntry: false })?.isDirectory() === true

/**
 * Makes a folder for this user alone, and those above it that are missing. Node's own `recursive` turns for ever in a file system that takes no
 * folders and says ENOENT, as /proc does (seen with Node 20.20, November 2026).
 *
 * @throws errors of the file system
 */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const parent = path.dirname(folder)
    if (code === 'EEXIST' && isFolder(folder)) return
    if (code !== 'ENOENT' || parent === folder || isFolder(parent)) throw error
    makeFolder(parent)
    mkdirSync(folder, { mode: 0o700 })
  }
}
