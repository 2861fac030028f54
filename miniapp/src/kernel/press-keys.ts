/** The part of `sessionStorage` that is needed here. */
export interface TextStore {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/** After this long without a retry, pressing again means doing it again. */
const PENDING_FOR_MS = 10 * 60_000

export interface PressKeysOptions {
  store: TextStore
  /** Keeps sessions apart that share one store: the phones of the chat window. */
  scope: string
  newKey(): string
  now(): number
}

/**
 * Idempotency keys of presses. A press whose answer was lost keeps its key, also over a reload, so that pressing again with the
 * same input within ten minutes repeats the same command; any definite answer ends the press.
 */
export function createPressKeys({ store, scope, newKey, now }: PressKeysOptions) {
  const place = (name: string, input: unknown) => `kelian:press:${scope}:${name}:${JSON.stringify(input)}`

  return {
    /** The key for this command with this input: a pending press's own, else a new one. */
    begin(name: string, input: unknown): string {
      const [at, pending] = store.getItem(place(name, input))?.split(' ') ?? []
      if (pending && now() - Number(at) < PENDING_FOR_MS) return pending
      const key = newKey()
      store.setItem(place(name, input), `${now()} ${key}`)
      return key
    },
    /** The server answered (yes or no): the next press is a new one. */
    settle: (name: string, input: unknown): void => store.removeItem(place(name, input)),
  }
}

export type PressKeys = ReturnType<typeof createPressKeys>

/** A random UUID (RFC 9562, version 4), also where `crypto.randomUUID` is missing: plain http and older webviews. */
export function newUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
