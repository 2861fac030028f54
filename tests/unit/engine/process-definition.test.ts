import { describe, expect, test } from '@jest/globals'
import { checkDefinition, type ProcessDefinition, type ProcessNode, processDefinition } from '../../../engine/process/index.ts'
import { oneStep } from './support.ts'

const sound = oneStep([{ type: 'superior' }])
const withNodes = (...nodes: ProcessNode[]): ProcessDefinition => ({ ...sound, nodes })
const start: ProcessNode = { id: 'start', type: 'start', name: '提交', next: 'step' }
const step: ProcessNode = {
  id: 'step',
  type: 'approval',
  name: '审批',
  approvers: [{ type: 'superior' }],
  mode: 'anyOf',
  next: 'end',
}
const end: ProcessNode = { id: 'end', type: 'end', name: '结束' }
const branch: ProcessNode = {
  id: 'step',
  type: 'exclusive',
  name: '分支',
  branches: [{ when: { all: [] }, next: 'end' }],
  otherwise: 'end',
}

describe('a definition', () => {
  test('that is sound has no fault', () => {
    expect(checkDefinition(sound)).toEqual([])
  })

  test.each<[string, ProcessDefinition, string, string]>([
    ['a node that no way leads to', withNodes(start, step, end, { ...step, id: 'lost' }), 'nodes.3', 'process.unreachable'],
    [
      'a next step that does not exist',
      withNodes(start, { ...step, next: 'gone' }, end),
      'nodes.1.next',
      'process.dangling_next',
    ],
    [
      'a branch without a default',
      withNodes(start, { ...branch, otherwise: undefined }, end),
      'nodes.1.otherwise',
      'process.missing_default',
    ],
    ['a gateway without branches', withNodes(start, { ...branch, branches: [] }, end), 'nodes.1.branches', 'process.no_branches'],
    [
      'a loop without exit',
      withNodes(start, { ...step, next: 'again' }, { ...step, id: 'again', next: 'step' }, end),
      'nodes.1',
      'process.no_exit',
    ],
    ['no approver', withNodes(start, { ...step, approvers: [] }, end), 'nodes.1.approvers', 'process.empty_approvers'],
    [
      'a role without a name',
      withNodes(start, { ...step, approvers: [{ type: 'role', role: ' ' }] }, end),
      'nodes.1.approvers.0',
      'process.empty_approvers',
    ],
    [
      'a rule that lists nobody',
      withNodes(start, { ...step, approvers: [{ type: 'person', personIds: [] }] }, end),
      'nodes.1.approvers.0',
      'process.empty_approvers',
    ],
    [
      'an approver from a field that is no person',
      withNodes(start, { ...step, approvers: [{ type: 'memberField', field: 'title' }] }, end),
      'nodes.1.approvers.0.field',
      'process.not_a_person_field',
    ],
    ['two nodes of one id', withNodes(start, step, end, end), 'nodes.3.id', 'process.duplicate_id'],
    ['no start', withNodes(step, end), 'nodes', 'process.start_count'],
    ['no end', withNodes(start, { ...step, next: 'step' }), 'nodes', 'process.no_end'],
    ['a way back into the start', withNodes(start, { ...step, next: 'start' }, end), 'nodes.1.next', 'process.into_start'],
    [
      'a condition on an unknown field',
      withNodes(start, { ...branch, branches: [{ when: { not: { field: 'x', op: 'exists', value: true } }, next: 'end' }] }, end),
      'nodes.1.branches.0.when.not.field',
      'condition.unknown_field',
    ],
  ])('with %s is refused with path and code', (_, definition, path, code) => {
    expect(checkDefinition(definition)).toContainEqual(expect.objectContaining({ path, code }))
  })

  test('is refused with every fault at once', () => {
    const faults = checkDefinition(withNodes(start, { ...step, approvers: [], next: 'gone' }, end))
    expect(faults.map(({ code }) => code).sort()).toEqual([
      'process.dangling_next',
      'process.empty_approvers',
      'process.no_exit',
      'process.no_exit',
      'process.unreachable',
    ])
  })

  test.each<[string, unknown]>([
    ['an unknown kind of node', { ...sound, nodes: [{ id: 'a', type: 'script', name: 'x', code: '1' }] }],
    ['an unknown approver rule', oneStep([{ type: 'anyone' } as never])],
    ['an unknown key', { ...sound, owner: 'x' }],
    ['version 0', { ...sound, version: 0 }],
    ['a node id for the database', { ...sound, nodes: [{ ...end, id: '$set' }] }],
  ])('with %s does not parse', (_, input) => {
    expect(processDefinition.safeParse(input).success).toBe(false)
  })
})
