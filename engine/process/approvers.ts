import { z } from 'zod'
import { fieldName } from '../condition/index.ts'

export const personId = z.string().min(1).max(100)
export const MAX_PEOPLE = 50

/** Who is asked at a node. Several rules on one node name their people one after the other; the same person is asked once. */
export const approverRule = z.discriminatedUnion('type', [
  /** 指定人员 */
  z.strictObject({ type: z.literal('person'), personIds: z.array(personId).max(MAX_PEOPLE) }),
  /** 角色: whoever holds it (技术, 财务, 副总 …). */
  z.strictObject({ type: z.literal('role'), role: z.string().max(40) }),
  /** 部门负责人 of the submitter's department. */
  z.strictObject({ type: z.literal('departmentHead') }),
  /** 直属上级 (level 1), 二级上级 (level 2) … of the submitter: the one person at that level, else the highest below it. */
  z.strictObject({ type: z.literal('superior'), level: z.int().min(1).max(10).default(1) }),
  /** 逐级上级: the superiors of the submitter one after the other, as far as `levels`. With mode `sequential`, level by level. */
  z.strictObject({ type: z.literal('superiors'), levels: z.int().min(1).max(10) }),
  /** 表单成员字段: the person or people named in this field of the form. */
  z.strictObject({ type: z.literal('memberField'), field: fieldName }),
  /** 发起人自选: named with the submission, under this node's id. */
  z.strictObject({ type: z.literal('initiatorChoice') }),
  /** 上一节点指定: named by who decided the node before, under this node's id. */
  z.strictObject({ type: z.literal('previousChoice') }),
  /** 用户组: a named group of people. */
  z.strictObject({ type: z.literal('group'), group: z.string().max(40) }),
])

export type ApproverRule = z.infer<typeof approverRule>

/** Nobody is named by the rules, or nobody of them is there: the admins (default), the submitter's superior, pass, or stop the case. */
export const whenEmpty = z.enum(['admins', 'superior', 'pass', 'incident'])

/** The submitter is named: other holders stand in, else the superior (default), the admins, pass, or let them decide their own. */
export const whenSubmitter = z.enum(['superior', 'admins', 'pass', 'self'])

/** Somebody named has approved an earlier node of this round already: ask again (default), or count that approval here too. */
export const whenRepeated = z.enum(['ask', 'pass'])

/** What a node's people rules come to. `notes` tell why it is not whom the rules name; `passed` why nobody need be asked. */
export interface Assignment {
  personIds: string[]
  notes: string[]
  passed?: string
}
