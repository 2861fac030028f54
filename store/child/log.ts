import { appendFileSync, existsSync, statSync, truncateSync } from 'node:fs'

const maxLogBytes = 1024 * 1024

/** Empties a log that has grown large. */
export function trimLog(file: string): void {
  if (existsSync(file) && statSync(file).size > maxLogBytes) truncateSync(file)
}

/** Writes lines with their time into a file that stays small, whatever clients do. */
export function createLog(file: string): (line: string) => void {
  let writtenBytes = 0
  return line => {
    try {
      const text = `${new Date().toISOString()} ${line}\n`
      writtenBytes += text.length
      if (writtenBytes > maxLogBytes) {
        writtenBytes = 0
        truncateSync(file)
      }
      appendFileSync(file, text, { mode: 0o600 })
    } catch {
      // A log that cannot be written must not stop the store.
    }
  }
}
