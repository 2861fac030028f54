import type { PathStep } from '../../../../common/contract/approvals.ts'

/** The path as it is drawn: steps below each other, the branches of a fork beside each other. */
export type PathBlock = { type: 'step'; step: PathStep } | { type: 'fork'; group: string; branches: PathBranch[] }

export interface PathBranch {
  name: string
  blocks: PathBlock[]
}

/**
 * Steps in order, those of one fork gathered where the first of them stands.
 *
 * @param depth how many forks have been gone into already
 */
export function pathBlocks(steps: readonly PathStep[], depth = 0): PathBlock[] {
  const blocks: PathBlock[] = []
  const members = new Map<string, PathStep[]>()
  for (const step of steps) {
    const group = step.branches[depth]?.group
    if (group === undefined) {
      blocks.push({ type: 'step', step })
      continue
    }
    const known = members.get(group)
    if (known) known.push(step)
    else {
      members.set(group, [step])
      blocks.push({ type: 'fork', group, branches: [] })
    }
  }
  for (const block of blocks) {
    if (block.type === 'fork') block.branches = branchesOf(members.get(block.group) ?? [], depth)
  }
  return blocks
}

function branchesOf(steps: readonly PathStep[], depth: number): PathBranch[] {
  const names = [...new Set(steps.map(step => step.branches[depth]?.name ?? ''))]
  return names.map(name => ({
    name,
    blocks: pathBlocks(
      steps.filter(step => step.branches[depth]?.name === name),
      depth + 1,
    ),
  }))
}
