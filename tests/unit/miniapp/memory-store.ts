import type { TextStore } from '../../../miniapp/src/kernel/press-keys.ts'

/** `sessionStorage` for tests; refuses to hold more than `maxChars`, as browsers do. */
export function memoryStore(maxChars = Number.POSITIVE_INFINITY): TextStore & { size(): number } {
  const held = new Map<string, string>()
  return {
    getItem: key => held.get(key) ?? null,
    setItem: (key, value) => {
      if (value.length > maxChars) throw new Error('QuotaExceededError')
      held.set(key, value)
    },
    removeItem: key => void held.delete(key),
    size: () => held.size,
  }
}
