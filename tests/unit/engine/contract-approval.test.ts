import { describe, expect, test } from '@jest/globals'
import {
  checkDefinition,
  contractProcess,
  previewRoute,
  processDefinition,
  upcomingRoute,
} from '../../../engine/process/index.ts'
import { answersFor, Case, company, MONDAY_9, stepsOf } from './support.ts'

const approveAll = (form: { type: string; amountMinor: number }): Case => {
  const contract = new Case()
  contract.submit(form)
  while (contract.current.status === 'running') contract.approve(contract.task.assigneeIds[0] ?? '')
  return contract
}

describe('合同审批: who decides', () => {
  test.each([
    ['其他', 50_000_000, ['直属上级审批', '财务审批']],
    ['其他', 50_000_001, ['直属上级审批', '财务审批', '副总审批']],
    ['专线', 50_000_000, ['直属上级审批', '技术审批', '财务审批']],
    ['专线', 62_000_000, ['直属上级审批', '技术审批', '财务审批', '副总审批']],
    ['集成', 1, ['直属上级审批', '技术审批', '财务审批']],
  ])('a contract of type %s over %d 分 goes to %j', (type, amountMinor, steps) => {
    const { state } = approveAll({ type, amountMinor })
    expect(state && stepsOf(state)).toEqual(steps)
    expect(state?.status).toBe('approved')
  })

  test('each approver is told why the contract came to them', () => {
    const { state } = approveAll({ type: '专线', amountMinor: 62_000_000 })
    const reasons = state?.path.filter(({ seats }) => seats.length > 0).map(({ name, reason }) => [name, reason])
    expect(reasons).toEqual([
      ['直属上级审批', undefined],
      ['技术审批', '类型 专线 → 技术'],
      ['财务审批', undefined],
      ['副总审批', '金额 620,000.00 > 500,000.00 → 副总'],
    ])
  })

  test('the path tells every node with its times, and which way each branch took', () => {
    const contract = new Case()
    contract.submit({ type: '其他', amountMinor: 100 })
    contract.wait(1000).approve('chief')
    contract.wait(1000).do({ type: 'approve', by: 'money2', comment: ' 同意付款 ', via: 'wecom' })
    expect(contract.current.path.map(({ name, outcome, byId, reason }) => [name, outcome, byId, reason])).toEqual([
      ['提交', 'submitted', 'sales1', undefined],
      ['直属上级审批', 'approved', 'chief', undefined],
      ['按类型', 'routed', undefined, '其他情况 → 财务审批'],
      ['财务审批', 'approved', 'money2', undefined],
      ['按金额', 'routed', undefined, '其他情况 → 结束'],
      ['结束', 'ended', undefined, undefined],
    ])
    expect(contract.current.path[3]).toMatchObject({
      enteredAt: MONDAY_9 + 1000,
      leftAt: MONDAY_9 + 2000,
      comment: '同意付款',
      via: 'wecom',
    })
  })

  test('the submitter sees before submitting who will approve, in one round of look-ups', () => {
    const draft = { by: 'sales1', form: { type: '专线', amountMinor: 62_000_000 } }
    const first = previewRoute(contractProcess, draft, { now: MONDAY_9, answers: {} })
    if (first.kind !== 'needs') throw new Error('expected needs')
    expect(first.needs.map(({ key }) => key)).toEqual(['superior:sales1', 'role:技术', 'role:财务', 'role:副总'])
    const route = previewRoute(contractProcess, draft, { now: MONDAY_9, answers: answersFor(first.needs, company) })
    expect(route).toEqual({
      kind: 'route',
      steps: [
        { kind: 'approval', nodeId: 'superior', name: '直属上级审批', assigneeIds: ['chief'] },
        {
          kind: 'approval',
          nodeId: 'technical',
          name: '技术审批',
          assigneeIds: ['tech1', 'tech2'],
          reason: '类型 专线 → 技术',
        },
        { kind: 'approval', nodeId: 'finance', name: '财务审批', assigneeIds: ['money1', 'money2'] },
        {
          kind: 'approval',
          nodeId: 'deputy',
          name: '副总审批',
          assigneeIds: ['boss'],
          reason: '金额 620,000.00 > 500,000.00 → 副总',
        },
      ],
      passed: ['start', 'superior', 'byType', 'technical', 'finance', 'byAmount', 'deputy', 'end'],
    })
  })

  test('a preview says where the case would stand still', () => {
    const env = { now: MONDAY_9, answers: { 'superior:sales1': ['chief'], admins: [] } }
    const route = previewRoute(contractProcess, { by: 'sales1', form: { amountMinor: 5 } }, env)
    expect(route).toMatchObject({ kind: 'route', steps: [{ name: '直属上级审批' }], stop: '「按类型」类型 未填写,无法判断' })
  })

  test('a running case shows who is still to come', () => {
    const contract = new Case()
    contract.submit({ type: '专线', amountMinor: 62_000_000 })
    contract.approve('chief')
    const env = { now: contract.now, answers: { 'role:财务': ['money1'], 'role:副总': ['boss'] } }
    expect(upcomingRoute(contractProcess, contract.current, env)).toMatchObject({
      kind: 'route',
      steps: [{ name: '财务审批' }, { name: '副总审批' }],
    })
  })

  test('the shipped definition parses and has no fault', () => {
    expect(processDefinition.parse(contractProcess)).toEqual(contractProcess)
    expect(checkDefinition(contractProcess)).toEqual([])
  })
})

describe('合同审批: what the world is asked to do', () => {
  test('submitting asks the superior, and sets the timers of the step', () => {
    const contract = new Case()
    contract.submit()
    expect(contract.effects).toEqual([
      {
        id: 'case1:1:0',
        type: 'asked',
        taskId: 'case1-1',
        nodeId: 'superior',
        nodeName: '直属上级审批',
        kind: 'approval',
        personId: 'chief',
      },
      ...[11_520, 14_401, 28_801].map((workingSeconds, rung) => ({
        id: `case1:1:${rung + 1}`,
        type: 'timerSet',
        timerId: `case1-1:${rung}`,
        taskId: 'case1-1',
        rung: String(rung),
        anchorAt: MONDAY_9,
        workingSeconds,
      })),
    ])
  })

  test('an approval closes its cards first and then asks the next people', () => {
    const contract = new Case()
    contract.submit({ type: '专线', amountMinor: 100 })
    contract.approve('chief')
    expect(contract.effects.filter(({ type }) => !type.startsWith('timer'))).toMatchObject([
      { id: 'case1:2:0', type: 'voted', taskId: 'case1-1', outcome: 'approved', byId: 'chief' },
      { id: 'case1:2:1', type: 'nodeLeft', taskId: 'case1-1', outcome: 'approved', byId: 'chief' },
      { id: 'case1:2:2', type: 'released', taskId: 'case1-1', personId: 'chief' },
      { type: 'asked', nodeName: '技术审批', personId: 'tech1', reason: '类型 专线 → 技术' },
      { type: 'asked', nodeName: '技术审批', personId: 'tech2', reason: '类型 专线 → 技术' },
    ])
  })

  test('the last approval finalises the case', () => {
    const contract = approveAll({ type: '其他', amountMinor: 100 })
    expect(contract.effects.at(-1)).toMatchObject({ type: 'finalised', outcome: 'approved', byId: 'money1' })
    expect(contract.current).toMatchObject({ status: 'approved', openTasks: [], finishedAt: MONDAY_9 })
  })

  test('a rejection finalises the case with its reason', () => {
    const contract = new Case()
    contract.submit()
    contract.do({ type: 'reject', by: 'chief', reason: ' 价格太低 ' })
    expect(contract.current).toMatchObject({ status: 'rejected', openTasks: [] })
    expect(contract.effects.filter(({ type }) => !type.startsWith('timer'))).toMatchObject([
      { type: 'voted', outcome: 'rejected', byId: 'chief', comment: '价格太低' },
      { type: 'nodeLeft', outcome: 'rejected', byId: 'chief' },
      { type: 'released', personId: 'chief' },
      { type: 'finalised', outcome: 'rejected', byId: 'chief', reason: '价格太低' },
    ])
  })
})
