import { describe, expect, test } from '@jest/globals'
import { outline, PROCESS_TEMPLATES, type ProcessDraft, processDefinition } from '../../../engine/process/index.ts'

type Node = ProcessDraft['nodes'][number]

const step = (id: string, next: string): Node => ({
  id,
  type: 'handle',
  name: id,
  approvers: [{ type: 'role', role: '技术' }],
  mode: { type: 'anyOf' },
  next,
})
const either = (id: string, next: string, otherwise: string): Node => ({
  id,
  type: 'exclusive',
  name: id,
  branches: [{ when: { field: 'urgent', op: 'eq', value: true }, next }],
  otherwise,
})
const together = (id: string, nexts: string[], join: string): Node => ({
  id,
  type: 'parallel',
  name: id,
  branches: nexts.map(next => ({ next })),
  join,
})

const read = (...nodes: Node[]): string =>
  outline(
    processDefinition.parse({
      key: 'p',
      version: 1,
      name: 'p',
      fields: { urgent: { type: 'boolean', label: '加急' } },
      nodes: [
        { id: 'start', type: 'start', name: '提交', next: nodes[0]?.id },
        ...nodes,
        { id: 'end', type: 'end', name: '结束' },
      ],
    }),
  ).join(' → ')

describe('the way of a process in one line', () => {
  test.each([
    ['projectFiling', '直属上级确认'],
    ['opportunityReview', '技术评估 ∥ 财务测算 → 评审组表决'],
    ['contractApproval', '直属上级审批 → 技术审批(视情况) → 财务审批 → 副总审批(视情况)'],
    ['resourceRequest', '直属上级审批 → 安排人员 / 落实设备 / 财务审批'],
    ['complaint', '客服主管审核 → 技术支持处理 / 客服经理处理 / 客服主管处理'],
    ['customSolution', '商务条款 ∥ 技术支持方案 ∥ 财务结算 → 整体审批'],
    [
      'projectLifecycle',
      '项目报备 → 商机评估 → 技术方案设计与审批 → 合同拟定 → 法务审核 → 合同多级审批 → 资源勘察 → 工程调度 → 设备部署 → 验收 → 售后交接 → 回款',
    ],
  ])('%s', (key, line) => {
    const definition = PROCESS_TEMPLATES.find(template => template.definition.key === key)?.definition
    expect(definition && outline(definition).join(' → ')).toBe(line)
  })

  test('a branch of several steps is held together, also within another', () => {
    expect(
      read(
        together('fork', ['a', 'ask'], 'join'),
        step('a', 'b'),
        step('b', 'join'),
        either('ask', 'c', 'd'),
        step('c', 'join'),
        step('d', 'join'),
        { id: 'join', type: 'join', name: 'join', next: 'z' },
        step('z', 'end'),
      ),
    ).toBe('(a → b) ∥ c / d → z')
  })

  test('branches that never meet again, and two that lead to the same step', () => {
    expect(read(either('x', 'a', 'b'), step('a', 'end'), step('b', 'stop'), { id: 'stop', type: 'end', name: '终止' })).toBe(
      'a / b',
    )
    expect(read(either('x', 'a', 'a'), step('a', 'end'))).toBe('a')
  })

  test('a way that leads back is told once', () => {
    expect(read(step('a', 'x'), either('x', 'a', 'b'), step('b', 'end'))).toBe('a → b')
    expect(read(step('a', 'x'), either('x', 'y', 'b'), step('y', 'a'), step('b', 'end'))).toBe('a → y(视情况) → b')
  })
})
