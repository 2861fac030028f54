import { type Fault, faultPath } from '../../fault.ts'
import type { ApproverRule } from '../approvers.ts'
import { findNode, isManned, type ProcessDefinition, type ProcessNode } from '../definition.ts'
import { stepsInto } from './graph.ts'

/** Every rule names somebody, or can. */
export function checkPeople(definition: ProcessDefinition): Fault[] {
  return definition.nodes.flatMap((node, index) => {
    const list = isManned(node) ? 'approvers' : 'people'
    const rules = isManned(node) ? node.approvers : node.type === 'cc' ? node.people : undefined
    if (!rules) return []
    const path = faultPath('nodes', index, list)
    if (rules.length === 0) return [{ path, code: 'process.empty_approvers', message: `「${node.name}」没有审批人` }]
    return rules.flatMap((rule, at) => checkRule(rule, node, definition, faultPath(path, at)))
  })
}

function checkRule(rule: ApproverRule, node: ProcessNode, definition: ProcessDefinition, path: string): Fault[] {
  switch (rule.type) {
    case 'person':
      return rule.personIds.length > 0 ? [] : [nobody(node, path)]
    case 'role':
      return rule.role.trim() ? [] : [nobody(node, path)]
    case 'group':
      return rule.group.trim() ? [] : [nobody(node, path)]
    case 'memberField': {
      const { fields } = definition
      const declared = Object.hasOwn(fields, rule.field) ? fields[rule.field] : undefined
      if (declared?.type === 'person' || declared?.type === 'personList') return []
      const message = `「${rule.field}」不是人员字段`
      return [{ path: faultPath(path, 'field'), code: 'process.not_a_person_field', message }]
    }
    case 'previousChoice':
      return hasChooser(node.id, definition)
        ? []
        : [{ path, code: 'process.choice_without_chooser', message: `「${node.name}」的前一步没有人可以指定审批人` }]
    default:
      return []
  }
}

const nobody = (node: ProcessNode, path: string): Fault => ({
  path,
  code: 'process.empty_approvers',
  message: `「${node.name}」有一条规则没有写是谁`,
})

/** Does somebody act just before this node on every way to it? Gateways do not count as steps. */
function hasChooser(nodeId: string, definition: ProcessDefinition): boolean {
  const into = stepsInto(definition)
  const seen = new Set<string>()
  const before = [...(into.get(nodeId) ?? [])]
  for (let id = before.pop(); id !== undefined; id = before.pop()) {
    if (seen.has(id)) continue
    seen.add(id)
    const node = findNode(definition, id)
    if (node?.type === 'exclusive' || node?.type === 'inclusive' || node?.type === 'parallel')
      before.push(...(into.get(id) ?? []))
    else if (!isManned(node) && node?.type !== 'start') return false
  }
  return true
}
