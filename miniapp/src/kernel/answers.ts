import type { TextStore } from './press-keys.ts'

const PREFIX = 'kelian:answers:'
const MAX_ANSWERS = 40
const MAX_CHARS = 120_000

export interface KeptAnswer {
  /** When it was received, in milliseconds. */
  at: number
  value: unknown
}

/**
 * The last answer of each screen, per person, shown with its time when the network is gone. It lives in `sessionStorage`:
 * customer data should not outlast the app being open.
 */
export class Answers {
  private readonly store: TextStore

  constructor(store: TextStore) {
    this.store = store
  }

  keep(personId: string, question: string, answer: KeptAnswer): void {
    const kept = this.read(personId).filter(([key]) => key !== question)
    if (JSON.stringify(answer.value).length <= MAX_CHARS) kept.unshift([question, answer])
    this.write(personId, kept.slice(0, MAX_ANSWERS))
  }

  find(personId: string, question: string): KeptAnswer | null {
    return this.read(personId).find(([key]) => key === question)?.[1] ?? null
  }

  forget(personId: string): void {
    this.store.removeItem(PREFIX + personId)
  }

  private read(personId: string): [string, KeptAnswer][] {
    try {
      const kept: unknown = JSON.parse(this.store.getItem(PREFIX + personId) ?? '[]')
      return Array.isArray(kept) ? kept : []
    } catch {
      return []
    }
  }

  /** A full store is no reason to fail: the oldest half goes until it fits. */
  private write(personId: string, kept: [string, KeptAnswer][]): void {
    for (let rest = kept; rest.length > 0; rest = rest.slice(0, Math.floor(rest.length / 2))) {
      try {
        this.store.setItem(PREFIX + personId, JSON.stringify(rest))
        return
      } catch {}
    }
  }
}
