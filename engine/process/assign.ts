import type { Assignment } from './approvers.ts'
import type { MannedNode } from './definition.ts'
import { type Named, namedBy, superiorOf } from './people.ts'
import type { Turn } from './turn.ts'
import { MAX_SEATS } from './voting/seats.ts'

/** Nobody can be asked: the case stands still. */
export interface NobodyToAsk {
  why: string
}

/**
 * Who is asked at a node: whom its rules name, without those who are gone, and with the stated rules for an empty list and for the
 * submitter's own name. Each deviation leaves a note in words.
 *
 * @returns nothing while a look-up is open
 */
export function assign(node: MannedNode, turn: Turn): Assignment | NobodyToAsk | undefined {
  const named = namedBy(node.approvers, node.id, turn)
  if (!named) return undefined
  if (isUnnamed(node, turn)) {
    turn.unnamed.push(node.id)
    if (turn.rehearsal) return { personIds: named.present, notes: ['待指定'] }
  }
  const assignment = named.present.length > 0 ? withoutSubmitter(node, named, turn) : whenNobody(node, turn)
  if (!assignment || 'why' in assignment || assignment.personIds.length <= MAX_SEATS) return assignment
  return { why: `「${node.name}」要问的人超过 ${MAX_SEATS} 位` }
}

/** Somebody has still to name this node's people. Before the submission nobody has, and the preview says so. */
const isUnnamed = ({ id, approvers }: MannedNode, { rehearsal, state }: Turn): boolean =>
  !Object.hasOwn(state.choices, id) &&
  approvers.some(({ type }) => type === 'previousChoice' || (rehearsal && type === 'initiatorChoice'))

function withoutSubmitter(node: MannedNode, { present, gone }: Named, turn: Turn): Assignment | NobodyToAsk | undefined {
  const notes = gone > 0 ? ['有人已停用,由其余的人处理'] : []
  const rule = node.whenSubmitter ?? 'superior'
  const others = rule === 'self' ? present : othersOf(present, turn)
  if (others.length > 0) return { personIds: others, notes }
  if (rule === 'pass') return passed('提交人就是审批人,自动通过')
  const why = node.type === 'handle' ? '提交人不能办理自己的申请' : '提交人不能审批自己的申请'
  return rule === 'superior' ? toSuperior(node, why, turn) : toAdmins(node, why, turn)
}

function whenNobody(node: MannedNode, turn: Turn): Assignment | NobodyToAsk | undefined {
  const why = node.type === 'handle' ? '暂无办理人' : '暂无审批人'
  turn.nobodyAt.push(node.id)
  switch (node.whenEmpty ?? 'admins') {
    case 'admins':
      return toAdmins(node, why, turn)
    case 'superior':
      return toSuperior(node, why, turn)
    case 'pass':
      return passed(`${why},自动通过`)
    case 'incident':
      return { why: `「${node.name}」${why}` }
  }
}

function toSuperior(node: MannedNode, why: string, turn: Turn): Assignment | NobodyToAsk | undefined {
  const superiors = superiorOf(turn.state.submitterId, turn)
  if (!superiors) return undefined
  const personIds = othersOf(superiors, turn)
  return personIds.length > 0 ? { personIds, notes: [`${why},转直属上级`] } : toAdmins(node, why, turn)
}

function toAdmins(node: MannedNode, why: string, turn: Turn): Assignment | NobodyToAsk | undefined {
  const admins = turn.lookups.ask({ type: 'admins' })
  if (!admins) return undefined
  const personIds = othersOf(admins, turn)
  if (personIds.length > 0) return { personIds, notes: [`${why},转管理员`] }
  return { why: `「${node.name}」没有审批人,也没有管理员可以代为处理` }
}

const passed = (reason: string): Assignment => ({ personIds: [], notes: [], passed: reason })

const othersOf = (personIds: readonly string[], { state }: Turn): string[] =>
  [...new Set(personIds)].filter(id => id !== state.submitterId)
