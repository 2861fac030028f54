import { readdir, readFile } from 'node:fs/promises'
import { extname } from 'node:path'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

export interface StaticFile {
  type: string
  bytes: Buffer
}

/** The files of the client by name; only what lies in that folder can ever be served. */
export async function clientFiles(folder: URL = new URL('./client/', import.meta.url)): Promise<Map<string, StaticFile>> {
  const files = new Map<string, StaticFile>()
  for (const name of await readdir(folder)) {
    const type = TYPES[extname(name)]
    if (type) files.set(name, { type, bytes: await readFile(new URL(name, folder)) })
  }
  return files
}
