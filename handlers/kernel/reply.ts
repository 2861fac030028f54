import type { NewCard } from '../../models/kernel/card-ledger.ts'

/** The answer to something said: a few words, or a card, or both. */
export interface Reply {
  text?: string
  /** The text holds a link that is a key; it is not kept. */
  secret?: boolean
  cards?: Omit<NewCard, '_id' | 'personId'>[]
}

export const say = (text: string): Reply => ({ text })
