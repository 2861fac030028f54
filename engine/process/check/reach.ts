import type { Fault } from '../../fault.ts'
import type { ProcessDefinition } from '../definition.ts'
import { closure, idsOf, stepsInto, stepsOf } from './graph.ts'

/** Unreachable nodes, and nodes from which no end can be reached (a loop without exit among them). */
export function checkReach(definition: ProcessDefinition): Fault[] {
  const reached = closure(idsOf(definition, 'start'), stepsOf(definition))
  const ending = closure(idsOf(definition, 'end'), stepsInto(definition))
  return definition.nodes.flatMap((node, index) => {
    const path = `nodes.${index}`
    if (!reached.has(node.id)) return [{ path, code: 'process.unreachable', message: `没有路走到「${node.name}」` }]
    if (!ending.has(node.id)) return [{ path, code: 'process.no_exit', message: `从「${node.name}」走不到结束` }]
    return []
  })
}
