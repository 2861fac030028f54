import type { ForkNode } from '../definition.ts'
import type { Incident, PathEntry } from '../state.ts'
import type { Taken } from '../tokens/fork.ts'

/** What becomes of a token that arrives at a node. */
export type Arrival =
  /** For people, a moment, a command or another case. */
  | { type: 'waits' }
  /** Goes on to what follows. */
  | { type: 'leaves'; outcome: NonNullable<PathEntry['outcome']>; reason?: string }
  /** Goes on one of several ways; `onward` is the sentence for whom it meets there. */
  | { type: 'routes'; next: string; reason: string; onward?: string }
  | { type: 'forks'; node: ForkNode; taken: Taken[]; reason?: string }
  | { type: 'incident'; code: Incident['code']; why: string }
  | { type: 'ends' }

export const waits: Arrival = { type: 'waits' }
