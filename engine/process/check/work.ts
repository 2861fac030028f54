import { type Fault, faultPath } from '../../fault.ts'
import type { ProcessDefinition, ValueSource } from '../definition.ts'
import { unknownField } from './fields.ts'
import type { Known } from './known.ts'

/** Commands and processes that nodes call are there, and so is what they are given. A process inside itself would never end. */
export function checkWork({ key, fields, nodes }: ProcessDefinition, { commands, processes, carried }: Known): Fault[] {
  const unknownIn = (mapping: Readonly<Record<string, ValueSource>>, path: string): Fault[] =>
    Object.entries(mapping).flatMap(([name, source]) => {
      const isKnown = !carried || !('field' in source) || Object.hasOwn(fields, source.field) || carried.has(source.field)
      return isKnown ? [] : [unknownField(source.field, faultPath(path, name, 'field'))]
    })
  return nodes.flatMap((node, index) => {
    const path = faultPath('nodes', index)
    if (node.type === 'service') {
      const isKnown = !commands || commands.has(node.command)
      const at = faultPath(path, 'command')
      const missing = { path: at, code: 'process.unknown_command', message: `没有「${node.command}」这个操作` }
      return [...(isKnown ? [] : [missing]), ...unknownIn(node.input, faultPath(path, 'input'))]
    }
    if (node.type !== 'subProcess') return []
    const at = faultPath(path, 'process')
    const given = unknownIn(node.form, faultPath(path, 'form'))
    if (node.process === key)
      return [{ path: at, code: 'process.contains_itself', message: `「${node.name}」不能是流程自己` }, ...given]
    if (!processes || processes.has(node.process)) return given
    return [{ path: at, code: 'process.unknown_process', message: `没有「${node.process}」这个流程` }, ...given]
  })
}
