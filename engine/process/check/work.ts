import { type Fault, faultPath } from '../../fault.ts'
import type { ProcessDefinition } from '../definition.ts'
import type { Known } from './known.ts'

/** Commands and processes that nodes call are there. A process inside itself would never end. */
export function checkWork({ key, nodes }: ProcessDefinition, { commands, processes }: Known): Fault[] {
  return nodes.flatMap((node, index) => {
    const path = faultPath('nodes', index)
    if (node.type === 'service' && commands && !commands.has(node.command)) {
      return [{ path: faultPath(path, 'command'), code: 'process.unknown_command', message: `没有「${node.command}」这个操作` }]
    }
    if (node.type !== 'subProcess') return []
    const at = faultPath(path, 'process')
    if (node.process === key) return [{ path: at, code: 'process.contains_itself', message: `「${node.name}」不能是流程自己` }]
    if (!processes || processes.has(node.process)) return []
    return [{ path: at, code: 'process.unknown_process', message: `没有「${node.process}」这个流程` }]
  })
}
