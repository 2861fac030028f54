import type { Viewer } from '../../engine/policy/index.ts'
import { fieldRightAt, findNode, isManned, type ProcessDefinition, type ProcessState } from '../../engine/process/index.ts'

/**
 * Fields of the form that this person may not see: those hidden at every step at which they have a part. Whoever submitted it, and the
 * line above, sees all.
 */
export function hiddenFields(definition: ProcessDefinition, state: ProcessState, viewer: Viewer): ReadonlySet<string> {
  if (viewer.subtreePersonIds.includes(state.submitterId)) return NONE
  const mine = state.path.filter(entry =>
    entry.seats.some(
      seat =>
        [seat.personId, seat.delegateId, seat.byId].includes(viewer.personId) ||
        seat.transfers.some(({ fromId }) => fromId === viewer.personId),
    ),
  )
  const nodes = mine.flatMap(entry => findNode(definition, entry.nodeId) ?? [])
  const everywhere = nodes.length > 0 ? nodes : definition.nodes.filter(isManned)
  const isHidden = (field: string) =>
    nodes.length > 0
      ? everywhere.every(node => fieldRightAt(definition, node, field) === 'hidden')
      : everywhere.some(node => fieldRightAt(definition, node, field) === 'hidden')
  return new Set(Object.keys(definition.fields).filter(isHidden))
}

const NONE: ReadonlySet<string> = new Set()

/** Hidden from somebody who takes part: lists, which many read, leave it out. */
export const isEverHidden = (definition: ProcessDefinition, field: string): boolean =>
  definition.nodes.some(node => isManned(node) && node.fields?.[field] === 'hidden')
