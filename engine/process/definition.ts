import { z } from 'zod'
import { condition, fieldName, fieldTypes } from '../condition/index.ts'
import { approverRule, whenEmpty, whenRepeated, whenSubmitter } from './approvers.ts'
import { approvalMode } from './mode.ts'
import { timeLimit } from './time-limit.ts'

const nodeId = z
  .string()
  .max(60)
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, '节点编号由字母、数字和下划线组成')
const label = z.string().min(1).max(40)
const named = { id: nodeId, name: label }
const fieldList = z.array(fieldName).max(200)

/** What the people at a node may do beside deciding. All, when a node does not say. */
export const operation = z.enum(['transfer', 'addSign', 'removeSign', 'return', 'comment', 'copy'])

/** A person's right to a field at a node; `read` when nothing is said. */
export const fieldRight = z.enum(['hidden', 'read', 'edit'])

/** What approval and handling have in common. */
const manned = {
  ...named,
  approvers: z.array(approverRule).max(20),
  mode: approvalMode,
  whenEmpty: whenEmpty.optional(),
  whenSubmitter: whenSubmitter.optional(),
  whenRepeated: whenRepeated.optional(),
  next: nodeId,
  /** Must be filled when the case arrives, else it stops visibly. */
  inputs: fieldList.optional(),
  /** Must be filled by those who decide here. */
  outputs: fieldList.optional(),
  fields: z.record(fieldName, fieldRight).optional(),
  operations: z.array(operation).optional(),
  timeLimit: timeLimit.optional(),
}

/** Where the case begins; its path entry tells who submitted. A case sent back to here waits for its submitter. */
const start = z.strictObject({ ...named, type: z.literal('start'), next: nodeId })

/** 审批: people approve or reject. A rejection ends the case, or sends it back to the submitter. */
const approval = z.strictObject({ ...manned, type: z.literal('approval'), onReject: z.enum(['end', 'submitter']).default('end') })

/** 办理: people do something and say so, with what came of it in `outputs`. There is nothing to reject. */
const handle = z.strictObject({ ...manned, type: z.literal('handle') })

/** 抄送: people are told; the case goes on at once. */
const cc = z.strictObject({ ...named, type: z.literal('cc'), people: z.array(approverRule).min(1).max(20), next: nodeId })

const conditional = z.strictObject({ when: condition, next: nodeId, label: label.optional() })

/**
 * Takes the first branch whose condition holds, else `otherwise` (BPMN 2.0, exclusive gateway). The conditions read the form;
 * `me` is the submitter. `label` is the short word for where a branch leads (`金额 … → 副总`), else the next node's name.
 */
const exclusive = z.strictObject({
  ...named,
  type: z.literal('exclusive'),
  branches: z.array(conditional).max(50),
  otherwise: nodeId.optional(),
})

/** Takes every branch whose condition holds, else `otherwise`; all taken meet at `join` (BPMN 2.0, inclusive gateway). */
const inclusive = z.strictObject({
  ...named,
  type: z.literal('inclusive'),
  branches: z.array(conditional).max(50),
  otherwise: nodeId.optional(),
  join: nodeId,
})

/** Takes all branches at once; they meet at `join` (BPMN 2.0, parallel gateway). */
const parallel = z.strictObject({
  ...named,
  type: z.literal('parallel'),
  branches: z
    .array(z.strictObject({ next: nodeId, label: label.optional() }))
    .min(1)
    .max(20),
  join: nodeId,
})

/** Waits for every branch that its fork took. */
const join = z.strictObject({ ...named, type: z.literal('join'), next: nodeId })

/** Waits for working seconds, or until the moment in a date field (past: not at all). */
const timer = z.strictObject({
  ...named,
  type: z.literal('timer'),
  wait: z.union([
    z.strictObject({
      workingSeconds: z
        .int()
        .min(1)
        .max(366 * 86_400),
    }),
    z.strictObject({ untilField: fieldName }),
  ]),
  next: nodeId,
})

/** A value for a command or a sub-process: from a field of the form, or as it stands here. */
const source = z.union([
  z.strictObject({ field: fieldName }),
  z.strictObject({ value: z.union([z.string().max(1000), z.number(), z.boolean()]) }),
])
const mapping = z.record(z.string().max(60), source)

/** Runs a command of the product by its name. A refusal stops the case visibly. */
const service = z.strictObject({
  ...named,
  type: z.literal('service'),
  command: z.string().max(60),
  input: mapping,
  next: nodeId,
})

/** Submits another process and waits for it. `onReject`: what a rejection or withdrawal of it means here. */
const subProcess = z.strictObject({
  ...named,
  type: z.literal('subProcess'),
  process: nodeId,
  form: mapping,
  onReject: z.enum(['reject', 'continue']).default('reject'),
  next: nodeId,
})

const end = z.strictObject({ ...named, type: z.literal('end') })

export const processNode = z.discriminatedUnion('type', [
  start,
  approval,
  handle,
  cc,
  exclusive,
  inclusive,
  parallel,
  join,
  timer,
  service,
  subProcess,
  end,
])

/**
 * A process as data. A published (key, version) never changes; running cases stay on theirs. `fields` is the form it reads,
 * `required` what a submission must fill, `targetWorkingSeconds` how long a case ought to take.
 */
export const processDefinition = z.strictObject({
  key: nodeId,
  version: z.int().min(1),
  name: label,
  fields: fieldTypes,
  required: fieldList.default([]),
  targetWorkingSeconds: z.int().min(1).optional(),
  nodes: z.array(processNode).min(1).max(200),
})

export type ProcessNode = z.infer<typeof processNode>
export type NodeOf<T extends ProcessNode['type']> = Extract<ProcessNode, { type: T }>
/** A node at which people are asked. */
export type MannedNode = NodeOf<'approval'> | NodeOf<'handle'>
/** A node at which the case becomes several branches. */
export type ForkNode = NodeOf<'inclusive'> | NodeOf<'parallel'>
export type Operation = z.infer<typeof operation>
export type FieldRight = z.infer<typeof fieldRight>
export type ValueSource = z.infer<typeof source>
export type ProcessDefinition = z.infer<typeof processDefinition>
/** A definition as written by hand, before defaults are filled in. */
export type ProcessDraft = z.input<typeof processDefinition>

export const findNode = (definition: ProcessDefinition, id: string): ProcessNode | undefined =>
  definition.nodes.find(node => node.id === id)

export const isManned = (node: ProcessNode | undefined): node is MannedNode =>
  node?.type === 'approval' || node?.type === 'handle'

/** Where a node may lead, each with its place in the node for fault paths. */
export function exitsOf(node: ProcessNode): { path: string; next: string }[] {
  switch (node.type) {
    case 'end':
      return []
    case 'exclusive':
    case 'inclusive':
    case 'parallel': {
      const branches = node.branches.map(({ next }, index) => ({ path: `branches.${index}.next`, next }))
      const otherwise = node.type === 'parallel' ? undefined : node.otherwise
      return otherwise === undefined ? branches : [...branches, { path: 'otherwise', next: otherwise }]
    }
    default:
      return [{ path: 'next', next: node.next }]
  }
}
