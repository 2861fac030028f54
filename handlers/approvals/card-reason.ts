import type { Viewer } from '../../engine/policy/index.ts'
import { findNode, isManned, type PathEntry, type ProcessDefinition, type ProcessState } from '../../engine/process/index.ts'
import type { Organisation } from '../people/organisation.ts'
import { PLACEMENT_WORDS } from './words.ts'

interface Reading {
  definition: ProcessDefinition
  state: ProcessState
  organisation: Organisation
  entry: PathEntry
  viewer: Viewer
}

/** Why this came to the viewer. What concerns them most goes first: sent back, passed on, added, standing in; then the step's own reason. */
export function reasonOf(reading: Reading): string {
  const { entry, organisation, viewer } = reading
  if (entry.returned) return `${organisation.name(entry.returned.byId)} 退回:${entry.returned.reason}`
  const seats = entry.seats.filter(seat => [seat.personId, seat.delegateId].includes(viewer.personId))
  const received = seats.flatMap(seat => seat.transfers).findLast(transfer => transfer.toId === viewer.personId)
  if (received) {
    const how = received.why === 'asked' ? '转交给您' : '改由您处理'
    return `${organisation.name(received.fromId)} ${how}${received.comment ? `:${received.comment}` : ''}`
  }
  const added = seats.find(seat => seat.personId === viewer.personId)?.addedTo
  if (added) return `${organisation.name(added.byId)} 请您${PLACEMENT_WORDS[added.placement] ?? '加签'}`
  const standsFor = seats.find(seat => seat.delegateId === viewer.personId && seat.personId !== viewer.personId)
  const behalf = standsFor ? `代 ${organisation.name(standsFor.personId)} 处理` : undefined
  return [behalf, entry.reason ?? ruleReason(reading)].filter(Boolean).join(';')
}

/** Steps that no branch led to say whose superior or which role was asked. */
function ruleReason({ definition, state, organisation, entry }: Reading): string {
  const node = findNode(definition, entry.nodeId)
  const rule = isManned(node) ? node.approvers[0] : undefined
  const submitter = organisation.name(state.submitterId)
  if (rule?.type === 'superior' && rule.level === 1) return `您是提交人 ${submitter} 的直属上级`
  if (rule?.type === 'superior' || rule?.type === 'superiors') return `您是提交人 ${submitter} 的上级`
  if (rule?.type === 'departmentHead') return `您是提交人 ${submitter} 的部门负责人`
  if (rule?.type === 'role') return `${definition.name}要经${rule.role}处理`
  return entry.name
}
