import { type Fault, faultPath } from '../../fault.ts'
import { exitsOf, findNode, type ProcessDefinition } from '../definition.ts'

/** One start, at least one end, ids of their own, and steps that lead to nodes that are there. */
export function checkShape(definition: ProcessDefinition): Fault[] {
  const { nodes } = definition
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
  return [
    ...faults,
    ...nodes.flatMap((node, index) => exitsOf(node).flatMap(exit => checkExit(exit, definition, faultPath('nodes', index)))),
  ]
}

function checkExit(exit: { path: string; next: string }, definition: ProcessDefinition, path: string): Fault[] {
  const at = faultPath(path, exit.path)
  const target = findNode(definition, exit.next)
  if (!target) return [{ path: at, code: 'process.dangling_next', message: `下一步「${exit.next}」不存在` }]
  if (target.type === 'start') return [{ path: at, code: 'process.into_start', message: '不能回到开始节点' }]
  return []
}
