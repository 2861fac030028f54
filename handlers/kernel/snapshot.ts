import type { Clock } from '../../common/clock.ts'

/** Another process may have changed what was read; its change is seen after this time at the latest. */
const FRESH_MS = 5_000

/** What many ask for and few change. */
export interface Snapshot<Value> {
  /** At most a few seconds old. */
  current(): Promise<Value>
  /** Read anew at the next question: this process has changed it. */
  forget(): void
}

/** Keeps what was read and reads it anew when it is old; all who ask meanwhile wait for the same reading. A failed one is not kept. */
export function createSnapshot<Value>(read: () => Promise<Value>, clock: Clock): Snapshot<Value> {
  let kept: { at: number; value: Promise<Value> } | null = null
  return {
    current() {
      const now = clock.now()
      if (!kept || now - kept.at > FRESH_MS) {
        const value = read()
        const mine = { at: now, value }
        kept = mine
        value.catch(() => {
          if (kept === mine) kept = null
        })
      }
      return kept.value
    },
    forget() {
      kept = null
    },
  }
}
