import { exitsOf, findNode, isManned, type ProcessDefinition } from './definition.ts'

/**
 * The way of a process for people to read, stage by stage: people's steps and sub-processes by their names, `A ∥ B` at the same
 * time, `A / B` whichever the form asks for, `A(视情况)` when that is one step or none. What is sent back is not told.
 */
export function outline(definition: ProcessDefinition): string[] {
  const exits = (id: string): string[] => {
    const node = findNode(definition, id)
    return node ? exitsOf(node).map(({ next }) => next) : []
  }

  const ways = new Map<string, string[]>()
  /** Nodes on every way from here to an end, in order; none where all lead back. */
  function always(id: string): string[] {
    const known = ways.get(id)
    if (known) return known
    ways.set(id, [])
    const nexts = exits(id)
    if (nexts.length === 0 || nexts.some(next => always(next).length > 0)) ways.set(id, [id, ...common(nexts)])
    return ways.get(id) ?? []
  }
  function common(ids: readonly string[]): string[] {
    const [first = [], ...others] = ids.map(always).filter(way => way.length > 0)
    return first.filter(id => others.every(way => way.includes(id)))
  }

  const told = new Set<string>()
  function stages(from: string | undefined, until?: string): string[] {
    const found: string[] = []
    let id = from
    while (id !== undefined && id !== until && !told.has(id)) {
      told.add(id)
      const node = findNode(definition, id)
      if (isManned(node) || node?.type === 'subProcess') found.push(node.name)
      const nexts = exits(id)
      const [meeting] = common(nexts)
      if (nexts.length > 1) {
        const branches = nexts.map(next => stages(next, meeting))
        const taken = branches.filter(branch => branch.length > 0)
        if (taken.length > 0) found.push(join(taken, node?.type === 'parallel', taken.length < branches.length))
      }
      id = meeting
    }
    return found
  }

  return stages(definition.nodes.find(({ type }) => type === 'start')?.id)
}

function join(branches: readonly string[][], isTogether: boolean, mayBeNone: boolean): string {
  const [only] = branches
  if (only && branches.length === 1) return `${only.join(' → ')}${mayBeNone ? '(视情况)' : ''}`
  return branches.map(branch => (branch.length > 1 ? `(${branch.join(' → ')})` : branch[0])).join(isTogether ? ' ∥ ' : ' / ')
}
