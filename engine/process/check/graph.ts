import { exitsOf, type ProcessDefinition, type ProcessNode } from '../definition.ts'

/** Node ids by the nodes that lead to or from them. */
export type Steps = ReadonlyMap<string, readonly string[]>

export const stepsOf = ({ nodes }: ProcessDefinition): Steps =>
  new Map(nodes.map(node => [node.id, exitsOf(node).map(({ next }) => next)]))

export function stepsInto(definition: ProcessDefinition): Steps {
  const entries = new Map<string, string[]>()
  for (const [id, targets] of stepsOf(definition)) {
    for (const target of targets) entries.set(target, [...(entries.get(target) ?? []), id])
  }
  return entries
}

/** Everything that can be reached from `from`, itself included, without going through `border`. */
export function closure(from: readonly string[], steps: Steps, border?: string): Set<string> {
  const seen = new Set(from.filter(id => id !== border))
  for (const id of seen) for (const next of steps.get(id) ?? []) if (next !== border) seen.add(next)
  return seen
}

export const idsOf = ({ nodes }: ProcessDefinition, type: ProcessNode['type']): string[] =>
  nodes.filter(node => node.type === type).map(({ id }) => id)
