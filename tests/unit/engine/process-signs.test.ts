import { describe, expect, test } from '@jest/globals'
import type { EventOf, ProcessDraft } from '../../../engine/process/index.ts'
import { approval, Case, type Company, drawn, end, process, start } from './support.ts'

type Mode = Extract<ProcessDraft['nodes'][number], { type: 'approval' }>['mode']
type Placement = 'before' | 'after' | 'parallel'

const people: Company = { superiors: {}, roles: {}, admins: ['admin'], gone: ['ghost'] }

const decidedBy = (personIds: string[], mode: Mode = { type: 'countersign' }, more = {}): Case => {
  const opened = new Case(process([start('step'), approval('step', personIds, { mode, ...more }), end]), people)
  opened.submit({}, 'me')
  return opened
}

/** `a before d,e` adds; `a+` approves; `a-` rejects; `a remove d` takes away. */
function told(opened: Case, story: string): string {
  for (const line of story.split(' | ').filter(line => line !== '')) {
    const [by = '', verb, whom = ''] = line.split(' ')
    if (verb === undefined) vote(opened, by)
    else if (verb === 'remove') opened.do({ type: 'removeSign', by, people: whom.split(',') })
    else opened.do({ type: 'addSign', by, placement: verb as Placement, people: whom.split(',') })
  }
  return drawn(opened.current)
}

function vote(opened: Case, word: string): void {
  const by = word.slice(0, -1)
  opened.do(word.endsWith('+') ? { type: 'approve', by } : { type: 'reject', by, reason: '不行' })
}

describe('加签 before: everybody added must approve before the seat votes', () => {
  test.each([
    ['the seat waits', 'a before d,e', 'step[a. b? d? e?]'],
    ['one is not enough', 'a before d,e | d+', 'step[a. b? d+ e?]'],
    ['then it is asked again', 'a before d,e | d+ | e+', 'step[a? b? d+ e+]'],
    ['its own vote is still needed', 'a before d | d+ | a+ | b+', 'approved'],
    ['one who rejects rejects for the seat', 'a before d | d-', 'rejected'],
  ])('%s', (_, story, where) => expect(told(decidedBy(['a', 'b']), story)).toBe(where))

  test('a seat that is rejected by somebody before it asks nobody any more', () => {
    const opened = decidedBy(['a', 'b'], { type: 'countersign', earlyEnd: false })
    expect(told(opened, 'a before d,e | d-')).toBe('step[a. b? d- e.]')
    expect(
      opened.effects.filter(({ type }) => type === 'released').map(effect => 'personId' in effect && effect.personId),
    ).toEqual(['d', 'e'])
    expect(told(opened, 'b+')).toBe('rejected')
  })
})

describe('加签 after: everybody added must approve once the seat has', () => {
  test.each([
    ['they wait for the seat', 'a after d', 'step[a? b? d.]'],
    ['then they are asked', 'a after d | a+', 'step[a+ b? d?]'],
    ['the seat counts when they have approved', 'a after d | a+ | b+ | d+', 'approved'],
    ['one who rejects makes it a rejection', 'a after d | a+ | d-', 'rejected'],
    ['a seat that rejects does not ask them', 'a after d | a-', 'rejected'],
  ])('%s', (_, story, where) => expect(told(decidedBy(['a', 'b']), story)).toBe(where))

  test('with anyOf the first seat that is through decides', () => {
    const anyOf = () => decidedBy(['a', 'b'], { type: 'anyOf' })
    expect(told(anyOf(), 'a after d | a+')).toBe('step[a+ b? d?]')
    expect(told(anyOf(), 'a after d | a+ | b-')).toBe('rejected')
    expect(told(anyOf(), 'a after d | a+ | d+')).toBe('approved')
  })
})

describe('加签 parallel: a vote of their own beside the seat', () => {
  test.each<[string, Mode, string, string]>([
    ['countersign: one more must approve', { type: 'countersign' }, 'a parallel d | a+ | b+', 'step[a+ b+ d?]'],
    ['anyOf: one more may decide', { type: 'anyOf' }, 'a parallel d | d+', 'approved'],
    ['sequential: at the same place', { type: 'sequential' }, 'a parallel d | a+', 'step[a+ b. d?]'],
    ['sequential: then the next place', { type: 'sequential' }, 'a parallel d | d+ | a+', 'step[a+ b? d+]'],
    ['vote: it weighs 1', { type: 'vote', sharePercent: 60, weights: { a: 2, d: 9 } }, 'a parallel d | d+', 'step[a? b? d+]'],
    [
      'vote: and counts for the share',
      { type: 'vote', sharePercent: 60, weights: { a: 2 } },
      'a parallel d | d+ | a+',
      'approved',
    ],
  ])('%s', (_, mode, story, where) => expect(told(decidedBy(['a', 'b'], mode), story)).toBe(where))
})

describe('加签 as a tree', () => {
  test.each([
    ['before somebody who was added before', 'a before d | d before e', 'step[a. b? d. e?]'],
    ['one after the other up to the seat', 'a before d | d before e | e+ | d+', 'step[a? b? d+ e+]'],
    ['a rejection at the bottom comes up', 'a before d | d before e | e-', 'rejected'],
    ['beside somebody who was added before: both must approve', 'a before d | d parallel e | d+', 'step[a. b? d+ e?]'],
    ['after somebody who was added after', 'a after d | a+ | d after e | d+', 'step[a+ b? d+ e?]'],
  ])('%s', (_, story, where) => expect(told(decidedBy(['a', 'b']), story)).toBe(where))

  test('at most five deep', () => {
    const opened = decidedBy(['a', 'b'])
    told(opened, 'a before d1 | d1 before d2 | d2 before d3 | d3 before d4 | d4 before d5')
    const refusal = opened.refusal({ type: 'addSign', by: 'd5', people: ['d6'], placement: 'before' })
    expect(refusal.code).toBe('approval.too_many_people')
  })

  test('at most 100 seats at a task, those removed among them', () => {
    const many = (from: number, count: number) => Array.from({ length: count }, (_, place) => `m${from + place}`)
    const opened = decidedBy(many(0, 50))
    opened.do({ type: 'addSign', by: 'm0', people: many(50, 50), placement: 'parallel' })
    const refusal = opened.refusal({ type: 'addSign', by: 'm0', people: ['x'], placement: 'parallel' })
    expect(refusal.code).toBe('approval.too_many_people')
  })
})

describe('who can be added', () => {
  test.each([
    ['the submitter', ['me'], 'approval.sign_submitter'],
    ['somebody whose vote is awaited here', ['b'], 'approval.sign_assignee'],
    ['somebody who is gone', ['d', 'ghost'], 'approval.person_inactive'],
  ])('not %s', (_, whom, code) => {
    expect(decidedBy(['a', 'b']).refusal({ type: 'addSign', by: 'a', people: whom, placement: 'before' }).code).toBe(code)
  })

  test('not by somebody who is not asked, and not where the step does not allow it', () => {
    const addSign: EventOf<'addSign'> = { type: 'addSign', by: 'a', people: ['d'], placement: 'before' }
    expect(decidedBy(['a']).refusal({ ...addSign, by: 'z' }).code).toBe('approval.not_assignee')
    expect(decidedBy(['a'], undefined, { operations: ['transfer'] }).refusal(addSign).code).toBe('approval.operation_not_allowed')
  })

  test('everybody added is asked once, and is told with the words of who added them', () => {
    const opened = decidedBy(['a', 'b'])
    opened.do({ type: 'addSign', by: 'a', people: ['d', 'd'], placement: 'before', comment: ' 看下条款 ' })
    expect(opened.effects).toMatchObject([
      { type: 'signAdded', byId: 'a', personIds: ['d'], placement: 'before', comment: '看下条款' },
      { type: 'released', personId: 'a' },
      { type: 'asked', personId: 'd' },
    ])
  })
})

describe('减签: who was added and has not voted is taken away', () => {
  test.each([
    ['with all that was added below', 'a before d | d before e | a remove d', 'step[a? b? dx ex]'],
    ['votes below go with it', 'a before d | d before e | e+ | a remove d', 'step[a? b? dx ex]'],
    ['what is left may decide', 'a parallel d | a+ | b+ | a remove d', 'approved'],
  ])('%s', (_, story, where) => expect(told(decidedBy(['a', 'b']), story)).toBe(where))

  test.each([
    ['somebody who has voted', 'a before d,e | d+', 'd'],
    ['somebody whom the rules named', 'a before d', 'b'],
  ])('not %s', (_, story, whom) => {
    const opened = decidedBy(['a', 'b'])
    told(opened, story)
    const refusal = opened.refusal({ type: 'removeSign', by: 'a', people: [whom] })
    expect(refusal).toMatchObject({ code: 'approval.sign_not_removable', details: { personIds: [whom] } })
  })

  test('only by who added them, or an admin', () => {
    const opened = decidedBy(['a', 'b'])
    told(opened, 'a parallel d')
    expect(opened.refusal({ type: 'removeSign', by: 'b', people: ['d'] }).code).toBe('approval.not_admin')
    expect(told(opened, 'admin remove d')).toBe('step[a? b? dx]')
  })
})
