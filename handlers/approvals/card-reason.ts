import type { Viewer } from '../../engine/policy/index.ts'
import {
  type ApproverRule,
  findNode,
  isManned,
  type PathEntry,
  type ProcessDefinition,
  type ProcessState,
} from '../../engine/process/index.ts'
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

/** Steps that no branch led to say by which of their rules the viewer was asked. */
function ruleReason(reading: Reading): string {
  const node = findNode(reading.definition, reading.entry.nodeId)
  const rules = isManned(node) ? node.approvers : []
  return rules.map(rule => sentenceOf(rule, reading)).find(sentence => sentence !== undefined) ?? reading.entry.name
}

function sentenceOf(rule: ApproverRule, { definition, state, organisation, viewer }: Reading): string | undefined {
  const submitter = organisation.name(state.submitterId)
  switch (rule.type) {
    case 'superior':
    case 'superiors': {
      if (organisation.superior(state.submitterId)?.id === viewer.personId) return `您是提交人 ${submitter} 的直属上级`
      const isAbove = viewer.subtreePersonIds.includes(state.submitterId)
      const reaches = rule.type === 'superiors' || rule.level > 1
      return isAbove && reaches ? `您是提交人 ${submitter} 的上级` : undefined
    }
    case 'departmentHead':
      return organisation.departmentHead(state.submitterId) === viewer.personId
        ? `您是提交人 ${submitter} 的部门负责人`
        : undefined
    case 'role':
      return organisation.holders(rule.role).ids.includes(viewer.personId) ? `${definition.name}要经${rule.role}处理` : undefined
    default:
      return undefined
  }
}
