import type { TextStore } from './press-keys.ts'

const KEPT_FOR_MS = 7 * 24 * 3_600_000

export interface KeptDraft {
  /** When it was saved, in milliseconds. */
  at: number
  values: Record<string, string>
}

/** Half-written forms, per person and route, kept on the phone for seven days. */
export class Drafts {
  private readonly store: TextStore

  constructor(store: TextStore) {
    this.store = store
  }

  /** False when the phone refuses to keep it. */
  save(personId: string, route: string, draft: KeptDraft): boolean {
    try {
      this.store.setItem(keyOf(personId, route), JSON.stringify(draft))
      return true
    } catch {
      return false
    }
  }

  find(personId: string, route: string, nowMs: number): KeptDraft | null {
    try {
      const draft = JSON.parse(this.store.getItem(keyOf(personId, route)) ?? 'null') as KeptDraft | null
      return draft && typeof draft.values === 'object' && nowMs - draft.at < KEPT_FOR_MS ? draft : null
    } catch {
      return null
    }
  }

  drop(personId: string, route: string): void {
    this.store.removeItem(keyOf(personId, route))
  }
}

const keyOf = (personId: string, route: string) => `kelian:draft:${personId}:${route}`
