import type { ProcessNode } from './definition.ts'
import type { PathEntry } from './state.ts'

/** The entry of a node that is entered now. */
export const entryFor = (node: ProcessNode, now: number, more: Partial<PathEntry> = {}): PathEntry => ({
  nodeId: node.id,
  type: node.type,
  name: node.name,
  enteredAt: now,
  assigneeIds: [],
  transfers: [],
  ...more,
})

/** A copy of the path with the entries that `matches` finds changed. */
export const changeEntries = (
  path: readonly PathEntry[],
  matches: (entry: PathEntry) => boolean,
  change: (entry: PathEntry) => Partial<PathEntry>,
): PathEntry[] => path.map(entry => (matches(entry) ? { ...entry, ...change(entry) } : entry))

/** `{ key: value }`, or nothing when there is no value: stored states hold no empty places. */
export const given = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]?: V })
