import { describe, expect, test } from '@jest/globals'
import {
  type ProcessDefinition,
  type ProcessDraft,
  previewRoute,
  reportMigration,
  transition,
} from '../../../engine/process/index.ts'
import { rehearse } from '../../../engine/process/rehearsal.ts'
import { answersFor, Case, company, MONDAY_9, process } from './support.ts'

type DraftNode = ProcessDraft['nodes'][number]

const approval = (id: string, next: string, more: object = {}): DraftNode => ({
  id,
  type: 'approval',
  name: `步骤${id}`,
  approvers: [{ type: 'person', personIds: ['ann', 'ben'] }],
  mode: { type: 'countersign' },
  next,
  ...more,
})
const start = (next: string): DraftNode => ({ id: 'start', type: 'start', name: '提交', next })
const end: DraftNode = { id: 'end', type: 'end', name: '结束' }

const first = process([start('check'), approval('check', 'end', { timeLimit: { workingSeconds: 3600 } }), end])
const second = (...nodes: DraftNode[]): ProcessDefinition => ({ ...process(nodes), version: 2 })

const half = (): Case => {
  const running = new Case(first)
  running.submit({ title: '甲' })
  running.approve('ann')
  return running
}

function migrate(running: Case, target: ProcessDefinition, nodes: Record<string, string> = {}, by = 'admin1') {
  const event = { type: 'migrate', by, to: target.version, nodes } as const
  return transition(running.definition, running.current, event, {
    now: MONDAY_9,
    answers: { admins: company.admins },
    target,
  })
}

describe('moving a running case to a new version', () => {
  const renamed = second(
    start('review'),
    approval('review', 'extra', { timeLimit: { workingSeconds: 7200 } }),
    approval('extra', 'end'),
    end,
  )

  test('keeps the votes already cast, and the case goes on by the new version', () => {
    const result = migrate(half(), renamed, { check: 'review' })
    if (result.kind !== 'next') throw new Error(result.kind)
    expect(result.state.definition).toEqual({ key: 'test', version: 2 })
    expect(result.state.openTasks).toMatchObject([{ nodeId: 'review', name: '步骤review', assigneeIds: ['ben'] }])
    const answers = { 'person:ann': ['ann'], 'person:ben': ['ben'], 'delegate:ann': [], 'delegate:ben': [] }
    const voted = transition(renamed, result.state, { type: 'approve', by: 'ben' }, { now: MONDAY_9, answers })
    expect(voted).toMatchObject({ kind: 'next', state: { openTasks: [{ nodeId: 'extra', assigneeIds: ['ann', 'ben'] }] } })
  })

  test('sets its timers anew from where they began, and asks nobody twice', () => {
    const running = half()
    const result = migrate(running, renamed, { check: 'review' })
    if (result.kind !== 'next') throw new Error(result.kind)
    const timers = result.effects.filter(effect => effect.type === 'timerSet')
    expect(timers).toHaveLength(5)
    expect(timers[1]).toMatchObject({ timerId: `${running.task.taskId}:1`, anchorAt: MONDAY_9, workingSeconds: 7201 })
    expect(result.effects.filter(({ type }) => type === 'asked' || type === 'released')).toEqual([])
  })

  test('tells beforehand what changes for it', () => {
    const { changes, moves, blocked } = reportMigration(half().current, first, renamed, { check: 'review' })
    expect(moves).toMatchObject([{ from: 'check', to: 'review' }])
    expect(changes).toEqual([
      '「步骤check」改名为「步骤review」',
      '「步骤review」的时限变了,从原来的起点重新计算',
      '「步骤review」之后走另一步',
    ])
    expect(blocked).toEqual([])
  })

  test('is refused where the new version has no place for it, and says why', () => {
    expect(migrate(half(), renamed)).toMatchObject({
      kind: 'refused',
      code: 'approval.migration_blocked',
      details: { why: ['新版本中没有「步骤check」这一步'] },
    })
    const handled = second(start('check'), { ...approval('check', 'end'), type: 'handle' } as DraftNode, end)
    expect(migrate(half(), handled)).toMatchObject({ details: { why: ['「步骤check」在新版本中不是同一种节点'] } })
    const fork: DraftNode = { id: 'fork', type: 'parallel', name: '并行', branches: [{ next: 'check' }], join: 'join' }
    const join: DraftNode = { id: 'join', type: 'join', name: '汇合', next: 'end' }
    const forked = second(start('fork'), fork, approval('check', 'join'), join, end)
    expect(migrate(half(), forked)).toMatchObject({ details: { why: ['「步骤check」在新版本中不在同样的并行分支里'] } })
  })

  test('is for admins, for another version, and for a case that is not over', () => {
    expect(migrate(half(), renamed, {}, 'ann')).toMatchObject({ code: 'approval.not_admin' })
    expect(migrate(half(), { ...first })).toMatchObject({ code: 'approval.definition_mismatch' })
    const over = half()
    over.approve('ben')
    expect(migrate(over, renamed, { check: 'review' })).toMatchObject({ code: 'approval.already_decided' })
  })

  test('takes branches that run side by side with it', () => {
    const nodes = (joinId: string): DraftNode[] => [
      start('fork'),
      { id: 'fork', type: 'parallel', name: '并行', branches: [{ next: 'left' }, { next: 'right' }], join: joinId },
      approval('left', joinId),
      approval('right', joinId),
      { id: joinId, type: 'join', name: '汇合', next: 'end' },
      end,
    ]
    const running = new Case(process(nodes('join')))
    running.submit({})
    const target = second(...nodes('meeting'))
    expect(migrate(running, target)).toMatchObject({ code: 'approval.migration_blocked' })
    const result = migrate(running, target, { join: 'meeting' })
    expect(result).toMatchObject({ kind: 'next', state: { openForks: [{ joinId: 'meeting' }] } })
  })
})

describe('a rehearsal of a draft', () => {
  const finished = (amountMinor: number): Case => {
    const running = new Case(first)
    running.submit({ amountMinor })
    running.approve('ann')
    running.approve('ben')
    return running
  }
  const draft = second(
    start('check'),
    approval('check', 'byAmount'),
    {
      id: 'byAmount',
      type: 'exclusive',
      name: '按金额',
      branches: [
        { when: { field: 'amountMinor', op: 'gt', value: 100 }, next: 'boss' },
        { when: { field: 'amountMinor', op: 'lt', value: 0 }, next: 'never' },
      ],
      otherwise: 'end',
    },
    approval('boss', 'end', { approvers: [{ type: 'role', role: '总裁' }] }),
    approval('never', 'end'),
    end,
  )
  const states = [finished(100), finished(101)].map(({ current }) => current)

  const rehearsed = () => {
    let answers: Record<string, string[]> = {}
    for (;;) {
      const result = rehearse(draft, states, { now: MONDAY_9, answers })
      if (result.kind !== 'needs') return result
      answers = { ...answers, ...answersFor(result.needs, company) }
    }
  }

  test('tells who would have decided and what differs, case by case', () => {
    const { cases, different } = rehearsed()
    expect(cases.map(({ added, removed }) => ({ added, removed }))).toEqual([
      { added: [], removed: [] },
      { added: ['步骤boss'], removed: [] },
    ])
    expect(different).toBe(1)
    expect(cases[1]?.steps.map(({ name, assigneeIds }) => ({ name, assigneeIds }))).toEqual([
      { name: '步骤check', assigneeIds: ['ann', 'ben'] },
      { name: '步骤boss', assigneeIds: ['admin1'] },
    ])
  })

  test('finds branches that no case takes and steps that nobody holds', () => {
    expect(rehearsed().dead).toEqual([{ nodeId: 'never', name: '步骤never' }])
    expect(rehearsed().nobody).toEqual([{ nodeId: 'boss', name: '步骤boss', count: 1 }])
  })

  test('leaves the finished cases as they were', () => {
    const before = JSON.stringify(states)
    rehearsed()
    expect(JSON.stringify(states)).toBe(before)
  })
})

test('a preview of a case that would stand still says why', () => {
  const nobody = process([
    start('check'),
    approval('check', 'end', { approvers: [{ type: 'person', personIds: ['gone'] }], whenEmpty: 'incident' }),
    end,
  ])
  const route = previewRoute(nobody, { by: 'sales1', form: {} }, { now: MONDAY_9, answers: { 'person:gone': [] } })
  expect(route).toMatchObject({ kind: 'route', steps: [], stop: '「步骤check」暂无审批人' })
})
