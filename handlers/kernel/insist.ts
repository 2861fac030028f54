import { setTimeout as sleep } from 'node:timers/promises'

const ATTEMPTS = 6
const PAUSE_MS = 500

/**
 * Record something that has happened outside and cannot be undone: a passing failure of the database must not make it look as if it had
 * not happened. Tries for some seconds.
 */
export async function insist<Result>(write: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write()
    } catch (error) {
      if (attempt >= ATTEMPTS) throw error
      await sleep(PAUSE_MS * attempt)
    }
  }
}
