import { type Condition, evaluate, type Filter, toFilter } from '../condition/index.ts'

/** What there is to be seen. Records carry `ownerId`; contracts and cases also `participantIds`, to-dos `assigneeId` instead. */
export const RESOURCES = ['customers', 'leads', 'contacts', 'activities', 'contracts', 'projects', 'todos', 'cases'] as const
export type Resource = (typeof RESOURCES)[number]

/** The role whose holders see every contract. */
export const FINANCE_ROLE = '财务'

/** The person who looks. */
export interface Viewer {
  personId: string
  /** The viewer and everyone below. */
  subtreePersonIds: readonly string[]
  roles: readonly string[]
  isAdmin: boolean
}

const EVERYTHING: Condition = { all: [] }

/**
 * Which records a person sees, as a condition: sales their own, heads their subtree, finance all contracts, approvers the contracts and
 * cases they take part in. Administration is no right to see data. A to-do is seen by its assignee alone. The `ownerId` of a case is its submitter.
 */
export function scopeOf(viewer: Viewer, resource: Resource): Condition {
  if (resource === 'todos') return { field: 'assigneeId', op: 'eq', value: { ref: 'me' } }
  if (resource === 'contracts' && viewer.roles.includes(FINANCE_ROLE)) return EVERYTHING
  const owned: Condition = { field: 'ownerId', op: 'in', value: [...new Set([viewer.personId, ...viewer.subtreePersonIds])] }
  if (resource !== 'contracts' && resource !== 'cases') return owned
  return { any: [owned, { field: 'participantIds', op: 'contains', value: { ref: 'me' } }] }
}

/** Scopes speak of the viewer and never of the time. */
const envOf = (viewer: Viewer) => ({ me: viewer.personId, now: 0 })

/** May the viewer see this record? A record whose owner cannot be told is nobody's. */
export const canSee = (viewer: Viewer, resource: Resource, record: unknown): boolean =>
  evaluate(scopeOf(viewer, resource), record, envOf(viewer)) === true

/** The MongoDB filter that selects exactly the records that `canSee` allows; it belongs into every source of a query. */
export const scopeFilter = (viewer: Viewer, resource: Resource): Filter => toFilter(scopeOf(viewer, resource), envOf(viewer))
