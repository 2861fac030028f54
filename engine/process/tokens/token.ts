import type { PathEntry } from '../state.ts'

/** What goes from node to node: one for the case, one more for each branch of a fork. */
export interface Token extends Pick<PathEntry, 'forks' | 'branch' | 'reason' | 'returned'> {
  nodeId: string
  track: Track
}

/** Nodes that a token came through without waiting. To come by again would go on for ever. */
export interface Track {
  passed: ReadonlySet<string>
  /** Steps taken as approved, in a rehearsal. */
  rehearsed: ReadonlySet<string>
}

export const freshTrack: Track = { passed: new Set(), rehearsed: new Set() }

/** Where a token stands among the branches. */
export const scopeOf = ({ forks, branch }: Pick<PathEntry, 'forks' | 'branch'>): Pick<PathEntry, 'forks' | 'branch'> =>
  branch === undefined ? { forks } : { forks, branch }
