import type { ProcessNode } from './definition.ts'
import type { PathEntry, ProcessState } from './state.ts'
import { change, type Turn } from './turn.ts'

export const isActive = (entry: PathEntry): boolean => entry.leftAt === undefined

export const findEntry = (state: ProcessState, entryId: string): PathEntry | undefined =>
  state.path.find(entry => entry.entryId === entryId)

/** An entry that the state itself refers to. @throws when the state is not one that the engine made */
export function entryOf(state: ProcessState, entryId: string): PathEntry {
  const entry = findEntry(state, entryId)
  if (!entry) throw new Error(`case ${state.caseId} has no path entry ${entryId}`)
  return entry
}

/** Enters a node: a new entry with a new id, so that a node entered again has a new task and new timers. */
export function addEntry(turn: Turn, node: ProcessNode, more: Pick<PathEntry, 'forks'> & Partial<PathEntry>): PathEntry {
  const { caseId, entered, path } = turn.state
  const { id: nodeId, type, name } = node
  const entry: PathEntry = { entryId: `${caseId}-${entered}`, nodeId, type, name, enteredAt: turn.now, seats: [], ...more }
  change(turn, { entered: entered + 1, path: [...path, entry] })
  return entry
}

export const changeEntry = (turn: Turn, entryId: string, parts: Partial<PathEntry>): PathEntry =>
  replaceEntry(turn, { ...entryOf(turn.state, entryId), ...parts })

export function replaceEntry(turn: Turn, replacement: PathEntry): PathEntry {
  change(turn, { path: turn.state.path.map(entry => (entry.entryId === replacement.entryId ? replacement : entry)) })
  return replacement
}

/** Sentences on one entry, in one line. */
export function joinReasons(...sentences: readonly (string | undefined)[]): string | undefined {
  const told = sentences.filter(sentence => sentence !== undefined)
  return told.length > 0 ? told.join(';') : undefined
}

/** `{ key: value }`, or nothing when there is no value: stored states hold no empty places. */
export const given = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]?: V })
