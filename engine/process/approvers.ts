import { z } from 'zod'
import { fieldName, readField } from '../condition/index.ts'
import type { Lookups } from './lookups.ts'

const personId = z.string().min(1).max(100)

/** Who may decide at a node. Several rules on one node: whoever any of them names. */
export const approverRule = z.discriminatedUnion('type', [
  /** These people. */
  z.strictObject({ type: z.literal('person'), personIds: z.array(personId).max(50) }),
  /** The submitter's direct superior (直属上级). */
  z.strictObject({ type: z.literal('superior') }),
  /** Whoever holds this role (技术, 财务, 副总 …). */
  z.strictObject({ type: z.literal('role'), role: z.string().max(40) }),
  /** The head of the submitter's department. */
  z.strictObject({ type: z.literal('departmentHead') }),
  /** The person or people named in this field of the form. */
  z.strictObject({ type: z.literal('memberField'), field: fieldName }),
])

export type ApproverRule = z.infer<typeof approverRule>

/** Who will decide; `note` tells why it is not whom the rules name. */
export interface Assignment {
  assigneeIds: string[]
  note?: string
}

/** The people around a case that approver rules speak about. */
export interface ApproverContext {
  submitterId: string
  form: Readonly<Record<string, unknown>>
  lookups: Lookups
}

/**
 * The people who may decide at a node. The submitter never does: other holders stand in, else the submitter's superior, else the
 * admins; a step that nobody holds goes to the admins.
 *
 * @returns `unknown` while a look-up is still open; null when there is nobody at all, not even an admin
 */
export function assign(rules: readonly ApproverRule[], context: ApproverContext): Assignment | 'unknown' | null {
  const named = rules.map(rule => holders(rule, context))
  const known = named.filter(ids => ids !== undefined)
  if (known.length < named.length) return 'unknown'
  const all = unique(known.flat())
  const others = withoutSubmitter(all, context)
  if (others.length > 0) return { assigneeIds: others }
  return all.length > 0 ? insteadOfSubmitter(context) : admins('暂无审批人,转管理员', context)
}

function insteadOfSubmitter(context: ApproverContext): Assignment | 'unknown' | null {
  const superiors = context.lookups.ask({ type: 'superior', personId: context.submitterId })
  if (!superiors) return 'unknown'
  const assigneeIds = withoutSubmitter(superiors, context)
  if (assigneeIds.length > 0) return { assigneeIds, note: '提交人不能审批自己的申请,转直属上级' }
  return admins('提交人不能审批自己的申请,转管理员', context)
}

function admins(note: string, context: ApproverContext): Assignment | 'unknown' | null {
  const ids = context.lookups.ask({ type: 'admins' })
  if (!ids) return 'unknown'
  const assigneeIds = withoutSubmitter(ids, context)
  return assigneeIds.length > 0 ? { assigneeIds, note } : null
}

function holders(rule: ApproverRule, { submitterId, form, lookups }: ApproverContext): readonly string[] | undefined {
  switch (rule.type) {
    case 'person':
      return rule.personIds
    case 'superior':
      return lookups.ask({ type: 'superior', personId: submitterId })
    case 'role':
      return lookups.ask({ type: 'role', role: rule.role })
    case 'departmentHead':
      return lookups.ask({ type: 'departmentHead', personId: submitterId })
    case 'memberField':
      return membersOf(form, rule.field)
  }
}

function membersOf(form: Readonly<Record<string, unknown>>, field: string): string[] {
  const reading = readField(form, field)
  const value = reading.state === 'value' ? reading.value : []
  return (Array.isArray(value) ? value : [value]).filter(id => typeof id === 'string' && id !== '')
}

const unique = (ids: readonly string[]): string[] => [...new Set(ids)]

const withoutSubmitter = (ids: readonly string[], { submitterId }: ApproverContext): string[] =>
  unique(ids).filter(id => id !== submitterId)
