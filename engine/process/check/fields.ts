import { type Fault, faultPath } from '../../fault.ts'
import { isManned, type MannedNode, type ProcessDefinition } from '../definition.ts'

/** Nodes speak only of fields that the form has, and ask for nothing that nobody there may fill in. */
export function checkFields(definition: ProcessDefinition): Fault[] {
  const unknownIn = (names: readonly string[] | undefined, path: string): Fault[] =>
    (names ?? []).flatMap((name, index) =>
      Object.hasOwn(definition.fields, name) ? [] : [unknownField(name, faultPath(path, index))],
    )
  return [
    ...unknownIn(definition.required, 'required'),
    ...definition.nodes.flatMap((node, index) => {
      const path = faultPath('nodes', index)
      if (isManned(node)) {
        return [
          ...unknownIn(node.inputs, faultPath(path, 'inputs')),
          ...unknownIn(node.outputs, faultPath(path, 'outputs')),
          ...Object.keys(node.fields ?? {}).flatMap(name =>
            Object.hasOwn(definition.fields, name) ? [] : [unknownField(name, faultPath(path, 'fields', name))],
          ),
          ...checkOutputs(node, path),
          ...checkLadder(node, path),
        ]
      }
      if (node.type !== 'timer' || !('untilField' in node.wait)) return []
      const { untilField } = node.wait
      const declared = Object.hasOwn(definition.fields, untilField) ? definition.fields[untilField] : undefined
      if (declared?.type === 'date') return []
      const at = faultPath(path, 'wait', 'untilField')
      return [{ path: at, code: 'process.not_a_date_field', message: `「${untilField}」不是日期字段` }]
    }),
  ]
}

export const unknownField = (name: string, path: string): Fault => ({
  path,
  code: 'process.unknown_field',
  message: `没有「${name}」这个字段`,
})

function checkOutputs({ outputs, fields, name }: MannedNode, path: string): Fault[] {
  return (outputs ?? []).flatMap((field, index) =>
    fields?.[field] === 'edit'
      ? []
      : [
          {
            path: faultPath(path, 'outputs', index),
            code: 'process.output_not_editable',
            message: `「${name}」要求填写「${field}」,但没有给编辑权限`,
          },
        ],
  )
}

function checkLadder({ timeLimit, name }: MannedNode, path: string): Fault[] {
  const seen = new Set<string>()
  return (timeLimit?.ladder ?? []).flatMap(({ action, afterPercent }, index) => {
    const key = `${action} ${afterPercent}`
    if (!seen.has(key)) {
      seen.add(key)
      return []
    }
    const at = faultPath(path, 'timeLimit', 'ladder', index)
    return [{ path: at, code: 'process.rung_twice', message: `「${name}」的时限提醒有两条相同` }]
  })
}
