/** Tells listeners that something visible changed; it carries no content, they look for themselves. */
export interface Notifier {
  changed(): void
  onChange(listener: () => void): () => void
}

/** A notifier without listeners. */
export function createNotifier(): Notifier {
  const listeners = new Set<() => void>()
  return {
    changed() {
      for (const listener of listeners) listener()
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
