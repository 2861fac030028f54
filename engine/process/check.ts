import { checkCondition } from '../condition/index.ts'
import { type Fault, faultPath } from '../fault.ts'
import type { ApproverRule } from './approvers.ts'
import { exitsOf, type ProcessDefinition, type ProcessNode } from './definition.ts'

/**
 * Every fault of a definition; none when it can be published. Paths are relative to the definition (`nodes.2.branches.0.when.value`).
 * Codes: `process.duplicate_id`, `process.start_count`, `process.no_end`, `process.dangling_next`, `process.into_start`,
 * `process.unreachable`, `process.no_exit`, `process.missing_default`, `process.no_branches`, `process.empty_approvers`,
 * `process.not_a_person_field`, and those of `checkCondition`.
 */
export function checkDefinition(definition: ProcessDefinition): Fault[] {
  return [
    ...checkShape(definition),
    ...definition.nodes.flatMap((node, index) => checkNode(node, definition, faultPath('nodes', index))),
    ...checkReach(definition),
  ]
}

function checkShape({ nodes }: ProcessDefinition): Fault[] {
  const faults: Fault[] = []
  nodes.forEach((node, index) => {
    if (nodes.findIndex(({ id }) => id === node.id) !== index) {
      faults.push({ path: `nodes.${index}.id`, code: 'process.duplicate_id', message: `节点编号「${node.id}」重复` })
    }
  })
  if (nodes.filter(({ type }) => type === 'start').length !== 1) {
    faults.push({ path: 'nodes', code: 'process.start_count', message: '流程要有且只有一个开始节点' })
  }
  if (!nodes.some(({ type }) => type === 'end')) {
    faults.push({ path: 'nodes', code: 'process.no_end', message: '流程没有结束节点' })
  }
  return faults
}

function checkNode(node: ProcessNode, definition: ProcessDefinition, path: string): Fault[] {
  const faults: Fault[] = exitsOf(node).flatMap(exit => checkExit(exit, definition, path))
  if (node.type === 'approval') faults.push(...checkApprovers(node.approvers, node.name, definition, path))
  if (node.type === 'exclusive') {
    if (node.branches.length === 0) {
      faults.push({ path: faultPath(path, 'branches'), code: 'process.no_branches', message: `「${node.name}」没有分支` })
    }
    if (node.otherwise === undefined) {
      const message = `「${node.name}」没有说明其他情况走哪里`
      faults.push({ path: faultPath(path, 'otherwise'), code: 'process.missing_default', message })
    }
    node.branches.forEach(({ when }, index) => {
      faults.push(...checkCondition(when, definition.fields, faultPath(path, 'branches', index, 'when')))
    })
  }
  return faults
}

function checkExit(exit: { path: string; next: string }, { nodes }: ProcessDefinition, path: string): Fault[] {
  const at = faultPath(path, exit.path)
  const target = nodes.find(({ id }) => id === exit.next)
  if (!target) return [{ path: at, code: 'process.dangling_next', message: `下一步「${exit.next}」不存在` }]
  if (target.type === 'start') return [{ path: at, code: 'process.into_start', message: '不能回到开始节点' }]
  return []
}

function checkApprovers(rules: readonly ApproverRule[], name: string, { fields }: ProcessDefinition, path: string): Fault[] {
  if (rules.length === 0)
    return [{ path: faultPath(path, 'approvers'), code: 'process.empty_approvers', message: `「${name}」没有审批人` }]
  return rules.flatMap((rule, index) => {
    const at = faultPath(path, 'approvers', index)
    const isEmpty = (rule.type === 'person' && rule.personIds.length === 0) || (rule.type === 'role' && rule.role.trim() === '')
    if (isEmpty) return [{ path: at, code: 'process.empty_approvers', message: `「${name}」有一条规则没有写是谁` }]
    if (rule.type !== 'memberField') return []
    const declared = Object.hasOwn(fields, rule.field) ? fields[rule.field] : undefined
    if (declared?.type === 'person' || declared?.type === 'personList') return []
    return [{ path: faultPath(at, 'field'), code: 'process.not_a_person_field', message: `「${rule.field}」不是人员字段` }]
  })
}

/** Unreachable nodes, and nodes from which no end can be reached (a loop without exit among them). */
function checkReach({ nodes }: ProcessDefinition): Fault[] {
  const exits = new Map(nodes.map(node => [node.id, exitsOf(node).map(({ next }) => next)]))
  const entries = new Map<string, string[]>()
  for (const [id, targets] of exits) for (const target of targets) entries.set(target, [...(entries.get(target) ?? []), id])
  const idsOf = (type: ProcessNode['type']) => nodes.filter(node => node.type === type).map(({ id }) => id)
  const reached = closure(idsOf('start'), exits)
  const ending = closure(idsOf('end'), entries)
  return nodes.flatMap((node, index) => {
    const path = `nodes.${index}`
    if (!reached.has(node.id)) return [{ path, code: 'process.unreachable', message: `没有路走到「${node.name}」` }]
    if (!ending.has(node.id)) return [{ path, code: 'process.no_exit', message: `从「${node.name}」走不到结束` }]
    return []
  })
}

function closure(from: readonly string[], steps: ReadonlyMap<string, readonly string[]>): Set<string> {
  const seen = new Set(from)
  for (const id of seen) for (const next of steps.get(id) ?? []) seen.add(next)
  return seen
}
