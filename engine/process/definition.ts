import { z } from 'zod'
import { condition, fieldTypes } from '../condition/index.ts'
import { approverRule } from './approvers.ts'

const nodeId = z
  .string()
  .max(60)
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, '节点编号由字母、数字和下划线组成')
const named = { id: nodeId, name: z.string().min(1).max(40) }

/** Where the case begins; its path entry tells who submitted. */
const start = z.strictObject({ ...named, type: z.literal('start'), next: nodeId })

/** People decide. `mode` says how many: `anyOf` (或签), the first one decides for all. */
const approval = z.strictObject({
  ...named,
  type: z.literal('approval'),
  approvers: z.array(approverRule).max(20),
  mode: z.enum(['anyOf']),
  next: nodeId,
})

/**
 * Takes the first branch whose condition holds, else `otherwise` (BPMN 2.0, exclusive gateway). The conditions read the form;
 * `me` is the submitter. `label` is the short word for where a branch leads (`金额 … → 副总`), else the next node's name.
 */
const exclusive = z.strictObject({
  ...named,
  type: z.literal('exclusive'),
  branches: z.array(z.strictObject({ when: condition, next: nodeId, label: z.string().min(1).max(40).optional() })).max(50),
  otherwise: nodeId.optional(),
})

const end = z.strictObject({ ...named, type: z.literal('end') })

export const processNode = z.discriminatedUnion('type', [start, approval, exclusive, end])

/** A process as data. A published (key, version) never changes; running cases stay on theirs. `fields` is the form it reads. */
export const processDefinition = z.strictObject({
  key: nodeId,
  version: z.int().min(1),
  name: z.string().min(1).max(40),
  fields: fieldTypes,
  nodes: z.array(processNode).min(1).max(200),
})

export type ProcessNode = z.infer<typeof processNode>
export type ApprovalNode = z.infer<typeof approval>
export type ExclusiveNode = z.infer<typeof exclusive>
export type ProcessDefinition = z.infer<typeof processDefinition>

export const findNode = (definition: ProcessDefinition, id: string): ProcessNode | undefined =>
  definition.nodes.find(node => node.id === id)

/** Where a node may lead, each with its place in the node for fault paths. */
export function exitsOf(node: ProcessNode): { path: string; next: string }[] {
  switch (node.type) {
    case 'start':
    case 'approval':
      return [{ path: 'next', next: node.next }]
    case 'exclusive': {
      const branches = node.branches.map(({ next }, index) => ({ path: `branches.${index}.next`, next }))
      return node.otherwise === undefined ? branches : [...branches, { path: 'otherwise', next: node.otherwise }]
    }
    case 'end':
      return []
  }
}
