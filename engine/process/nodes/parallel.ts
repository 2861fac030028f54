import type { NodeOf } from '../definition.ts'
import type { Arrival } from './arrival.ts'

/** All branches at once (BPMN 2.0, parallel gateway). */
export const arriveAtParallel = (node: NodeOf<'parallel'>): Arrival => ({
  type: 'forks',
  node,
  taken: node.branches.map(({ next }, branch) => ({ next, branch })),
})
