import { type Fault, faultPath } from '../../fault.ts'
import { exitsOf, type ForkNode, findNode, type ProcessDefinition } from '../definition.ts'
import { closure, type Steps, stepsInto, stepsOf } from './graph.ts'

/**
 * A fork and its join make one block: branches meet only at the join, nothing leaves the block otherwise and nothing comes in from
 * outside. So a case can never wait at a join for a branch that went elsewhere.
 */
export function checkForks(definition: ProcessDefinition): Fault[] {
  const out = stepsOf(definition)
  const into = stepsInto(definition)
  const joins = new Set<string>()
  return definition.nodes.flatMap((node, index) => {
    if (node.type !== 'parallel' && node.type !== 'inclusive') return []
    const path = faultPath('nodes', index)
    const join = findNode(definition, node.join)
    if (join?.type !== 'join') {
      return [{ path: faultPath(path, 'join'), code: 'process.not_a_join', message: `「${node.name}」的汇合处不是汇合节点` }]
    }
    if (joins.has(join.id)) {
      return [{ path: faultPath(path, 'join'), code: 'process.join_shared', message: `「${join.name}」已是另一个分支的汇合处` }]
    }
    joins.add(join.id)
    return checkBlock(node, definition, { out, into }, path)
  })
}

function checkBlock(
  fork: ForkNode,
  definition: ProcessDefinition,
  { out, into }: { out: Steps; into: Steps },
  path: string,
): Fault[] {
  const faults: Fault[] = []
  const taken = new Map<string, number>()
  exitsOf(fork).forEach(({ path: at, next }, index) => {
    const branch = closure([next], out, fork.join)
    for (const id of branch) {
      const node = findNode(definition, id)
      if (node?.type === 'end' || id === fork.id) {
        const message = `「${fork.name}」的分支走到了汇合处以外`
        faults.push({ path: faultPath(path, at), code: 'process.branch_escapes', message })
        break
      }
    }
    const shared = [...branch].find(id => taken.has(id) && taken.get(id) !== index)
    if (shared !== undefined) {
      const message = `「${fork.name}」的两个分支在汇合前相交于「${findNode(definition, shared)?.name ?? shared}」`
      faults.push({ path: faultPath(path, at), code: 'process.branches_cross', message })
    }
    for (const id of branch) taken.set(id, index)
  })
  const inside = new Set([...taken.keys(), fork.id])
  const entered = [...taken.keys(), fork.join].find(id => (into.get(id) ?? []).some(from => !inside.has(from)))
  if (entered !== undefined) {
    const message = `从外面走进了「${fork.name}」的分支:「${findNode(definition, entered)?.name ?? entered}」`
    faults.push({ path, code: 'process.into_branch', message })
  }
  return faults
}
