import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { contractProcess, type ProcessEvent, processDefinition, readState } from '../../../engine/process/index.ts'
import { Case, company, drawn } from './support.ts'

const folder = new URL('../../fixtures/process/', import.meta.url)
const stored = (name: string): unknown => JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'))

const resumed = (name: string, definition = contractProcess, people = company): Case => {
  const opened = new Case(definition, people)
  opened.state = readState(stored(name))
  return opened
}

describe('a case that the first version stored', () => {
  test.each<[string, string, ProcessEvent[], string]>([
    ['waiting', 'technical[tech1? tech2?]', [{ type: 'approve', by: 'tech1' }], 'finance[money1? money2?]'],
    ['transferred', 'technical[tech4? tech2?]', [{ type: 'approve', by: 'tech4' }], 'finance[money1? money2?]'],
    ['incident', 'superior!no_approver', [{ type: 'resolve', by: 'admin1', assign: ['boss'] }], 'superior[boss?]'],
    ['undecidable', 'byAmount!undecidable', [{ type: 'resolve', by: 'admin1', goTo: 'end' }], 'approved'],
    ['approved', 'approved', [], 'approved'],
    ['withdrawn', 'withdrawn', [], 'withdrawn'],
  ])('%s: %s goes on', (name, before, events, after) => {
    const opened = resumed(`first.${name}`)
    expect(drawn(opened.current)).toBe(before)
    for (const event of events) opened.do(event)
    expect(drawn(opened.current)).toBe(after)
  })

  test('keeps its tasks, so that cards sent before the change still decide', () => {
    const opened = resumed('first.waiting')
    expect(opened.task).toMatchObject({ taskId: 'case1-3', kind: 'approval', reason: '类型 专线 → 技术' })
    opened.do({ type: 'approve', by: 'tech2', taskId: 'case1-3' })
    expect(opened.task.taskId).toBe('case1-4')
    expect(opened.refusal({ type: 'approve', by: 'chief', taskId: 'case1-1' })).toMatchObject({
      code: 'approval.already_decided',
      details: { outcome: 'approved', byId: 'chief', nodeName: '直属上级审批' },
    })
  })

  test('keeps who decided, with which words, and every hand that a task went through', () => {
    expect(resumed('first.waiting').current.path[1]?.seats).toMatchObject([
      { personId: 'chief', status: 'approved', comment: '可以' },
    ])
    expect(
      resumed('first.transferred').current.path[3]?.seats.map(({ transfers }) =>
        transfers.map(({ fromId, toId }) => [fromId, toId]),
      ),
    ).toEqual([
      [
        ['tech1', 'tech3'],
        ['tech3', 'tech4'],
      ],
      [],
    ])
  })

  test('tells how it ended', () => {
    expect(resumed('first.withdrawn').refusal({ type: 'approve', by: 'chief' })).toMatchObject({
      code: 'approval.already_decided',
      details: { outcome: 'withdrawn', byId: 'sales1' },
    })
  })

  test('can be sent back', () => {
    const opened = resumed('first.waiting')
    opened.do({ type: 'return', by: 'tech1', to: 'superior', reason: '再看', resume: 'rerun' })
    expect(drawn(opened.current)).toBe('superior[chief?]')
  })
})

describe('a case that this version stored', () => {
  const definition = processDefinition.parse(stored('second.definition'))
  const people = { superiors: {}, roles: { 技术: ['t1', 't2'], 财务: ['m1'] }, admins: ['admin'], standIns: { b: 'c' } }
  const idOf = (opened: Case, type: string) => opened.current.path.find(entry => entry.type === type)?.entryId ?? ''

  test.each<[string, string, (opened: Case) => ProcessEvent, string]>([
    ['half-way', 'review[a. c=b+ d?]', () => ({ type: 'approve', by: 'd' }), 'review[a? c=b+ d+]'],
    ['returned', 'start', () => ({ type: 'resubmit', by: 'me' }), 'review[a? c=b?]'],
    ['handling', 'survey[t1? t2?]', () => ({ type: 'approve', by: 't2', edits: { title: '机房' } }), 'pause order'],
    ['in-branches', 'pause order', opened => ({ type: 'timeout', taskId: idOf(opened, 'timer'), rung: 'wait' }), 'order'],
    ['command-refused', 'pause order!service_failed', () => ({ type: 'resolve', by: 'admin' }), 'pause order'],
    [
      'child-case',
      'child',
      opened => ({
        type: 'childFinished',
        entryId: idOf(opened, 'subProcess'),
        childCaseId: `${idOf(opened, 'subProcess')}-child`,
        outcome: 'approved',
      }),
      'vote[x? y? z?]',
    ],
    ['voting', 'vote[x? y+ z?]', () => ({ type: 'approve', by: 'x' }), 'approved'],
  ])('%s: %s goes on', (name, before, event, after) => {
    const opened = resumed(`second.${name}`, definition, people)
    expect(drawn(opened.current)).toBe(before)
    opened.do(event(opened))
    expect(drawn(opened.current)).toBe(after)
  })

  test('is read as it was written, each of them', () => {
    const names = readdirSync(folder).filter(name => /^second\.(?!definition).*json$/.test(name))
    expect(names).toHaveLength(8)
    for (const name of names) {
      const raw = stored(name.replace('.json', ''))
      expect(readState(raw)).toStrictEqual(raw)
    }
  })
})

describe('what nobody stored', () => {
  test.each([null, 1, [], {}, { schema: 3 }, { schema: 2, caseId: 'x' }])('is refused: %j', value => {
    expect(() => readState(value)).toThrow()
  })
})
