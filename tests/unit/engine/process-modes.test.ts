import { describe, expect, test } from '@jest/globals'
import type { ProcessDraft, ProcessEvent } from '../../../engine/process/index.ts'
import { approval, Case, type Company, drawn, end, process, start } from './support.ts'

type Mode = Extract<ProcessDraft['nodes'][number], { type: 'approval' }>['mode']

const people: Company = {
  superiors: { a: 'sa', b: 'sb', c: 'sc' },
  roles: {},
  admins: ['admin'],
}

/** One step between two others. */
const stepDecidedBy = (mode: Mode, personIds: string[]) =>
  process([
    start('first'),
    approval('first', ['p'], { next: 'step' }),
    approval('step', personIds, {
      mode,
      next: 'last',
      timeLimit: { workingSeconds: 3600, ladder: [{ action: 'transfer', afterPercent: 100 }] },
    }),
    approval('last', ['z']),
    end,
  ])

/** Decided by a, b and c. */
const decidedBy = (mode: Mode, personIds = ['a', 'b', 'c']) => {
  const opened = new Case(stepDecidedBy(mode, personIds), people)
  opened.target = { ...stepDecidedBy({ type: 'countersign' }, personIds), version: 2 }
  opened.submit({}, 'me')
  opened.approve('p')
  return opened
}

const rejectBy = (by: string) => ({ type: 'reject', by, reason: '不行' }) as const

const ANY_OF: Mode = { type: 'anyOf' }
const COUNTERSIGN: Mode = { type: 'countersign' }
const HEAR_ALL: Mode = { type: 'countersign', earlyEnd: false }
const SEQUENTIAL: Mode = { type: 'sequential' }
const vote = (more: Partial<Extract<Mode, { type: 'vote' }>> = {}): Mode => ({ type: 'vote', sharePercent: 60, ...more })

/** `a+ b-`: a approves, b rejects, in this order. */
function voting(mode: Mode, votes: string, personIds?: string[]): string {
  const opened = decidedBy(mode, personIds)
  for (const [by = '', sign] of votes.split(' ').map(word => [word.slice(0, -1), word.at(-1)])) {
    opened.do(sign === '+' ? { type: 'approve', by } : rejectBy(by))
  }
  return drawn(opened.current)
}

describe('或签 anyOf: the first vote decides', () => {
  test.each([
    ['b+', 'last[z?]'],
    ['c-', 'rejected'],
  ])('%s → %s', (votes, where) => expect(voting(ANY_OF, votes)).toBe(where))
})

describe('会签 countersign: all must approve', () => {
  test.each([
    ['a+', 'step[a+ b? c?]'],
    ['c+ a+', 'step[a+ b? c+]'],
    ['c+ a+ b+', 'last[z?]'],
    ['a+ b-', 'rejected'],
  ])('the first rejection ends it: %s → %s', (votes, where) => expect(voting(COUNTERSIGN, votes)).toBe(where))

  test.each([
    ['a-', 'step[a- b? c?]'],
    ['a- b+', 'step[a- b+ c?]'],
    ['a- b+ c+', 'rejected'],
    ['a+ b+ c+', 'last[z?]'],
  ])('without early end everybody is heard: %s → %s', (votes, where) => expect(voting(HEAR_ALL, votes)).toBe(where))

  test('heard to the end by somebody who approves, the case is rejected for the reason that was given', () => {
    const opened = decidedBy(HEAR_ALL)
    opened.do(rejectBy('a'))
    opened.approve('b')
    opened.approve('c')
    expect(opened.effects.at(-1)).toMatchObject({ type: 'finalised', outcome: 'rejected', byId: 'c', reason: '不行' })
  })
})

describe('依次审批 sequential: one after the other', () => {
  test.each([
    ['a+', 'step[a+ b? c.]'],
    ['a+ b+', 'step[a+ b+ c?]'],
    ['a+ b+ c+', 'last[z?]'],
    ['a+ b-', 'rejected'],
  ])('%s → %s', (votes, where) => expect(voting(SEQUENTIAL, votes)).toBe(where))

  test('the next one is asked when the one before has approved, and nobody votes out of turn', () => {
    const opened = decidedBy(SEQUENTIAL)
    const { taskId } = opened.task
    expect(opened.refusal({ type: 'approve', by: 'b', taskId }).code).toBe('approval.not_your_turn')
    opened.approve('a')
    expect(opened.effects).toMatchObject([
      { type: 'voted', byId: 'a' },
      { type: 'released', personId: 'a' },
      { type: 'asked', personId: 'b' },
    ])
  })
})

describe('票签 vote: by share of the weight', () => {
  test.each([
    ['60 % of three: two approve', vote(), 'a+ b+', 'last[z?]'],
    ['one is not enough', vote(), 'a+', 'step[a+ b? c?]'],
    ['rejections only count', vote(), 'a-', 'step[a- b? c?]'],
    ['rejected as soon as the share is out of reach', vote(), 'a- b-', 'rejected'],
    ['a veto is enough', vote({ veto: true }), 'a-', 'rejected'],
    ['the share reached, a veto comes too late', vote({ veto: true }), 'a+ b+', 'last[z?]'],
    ['without early end all are heard', vote({ earlyEnd: false }), 'a+ b+', 'step[a+ b+ c?]'],
    ['then the share counts', vote({ earlyEnd: false }), 'a+ b+ c-', 'last[z?]'],
    ['unless there is a veto', vote({ earlyEnd: false, veto: true }), 'a+ b+ c-', 'rejected'],
    ['exactly the share is reached', vote({ sharePercent: 33.333333 }), 'a+', 'last[z?]'],
    ['a hair above it is not', vote({ sharePercent: 33.333334 }), 'a+', 'step[a+ b? c?]'],
    ['weights count', vote({ weights: { a: 2 } }), 'a+', 'step[a+ b? c?]'],
    ['a weight that carries the share decides alone', vote({ weights: { a: 3 } }), 'a+', 'last[z?]'],
    ['and blocks alone', vote({ weights: { a: 3 } }), 'a-', 'rejected'],
  ])('%s', (_, mode, votes, where) => expect(voting(mode, votes)).toBe(where))
})

/** Half-way: a has approved, and the node is still open. With anyOf because somebody whom a added afterwards is asked. */
function halfWay(mode: Mode): Case {
  const opened = decidedBy(mode)
  if (mode.type === 'anyOf') opened.do({ type: 'addSign', by: 'a', people: ['x'], placement: 'after' })
  opened.approve('a')
  return opened
}

const step = 'case1-2'
const reason = '有原因'
const addSign = (placement: 'before' | 'after' | 'parallel'): ProcessEvent => ({
  type: 'addSign',
  by: 'b',
  people: ['d'],
  placement,
})
const sendBack = (to: string, resume: 'rerun' | 'jumpBack') => ({ type: 'return', by: 'b', to, reason, resume }) as const
const approve = (by: string) => ({ type: 'approve', by }) as const

type Row = [rule: string, events: ProcessEvent[], expected: [string, string, string, string], more?: Partial<Company>]
const alike = (where: string): [string, string, string, string] => [where, where, where, where]

/** The columns are anyOf, countersign, sequential and vote (60 %), each half-way: a has approved. */
const TABLE: Row[] = [
  ['nothing yet', [], ['step[a+ b? c? x?]', 'step[a+ b? c?]', 'step[a+ b? c.]', 'step[a+ b? c?]']],
  ['approve: counts beside it', [approve('b')], ['last[z?]', 'step[a+ b+ c?]', 'step[a+ b+ c?]', 'last[z?]']],
  ['reject: the mode says what it comes to', [rejectBy('b')], ['rejected', 'rejected', 'rejected', 'step[a+ b- c?]']],
  ['return: stays as history, the step starts anew', [sendBack('first', 'rerun')], alike('first[p?]')],
  [
    'return, passed again: everybody is asked again',
    [sendBack('first', 'rerun'), approve('p')],
    ['step[a? b? c?]', 'step[a? b? c?]', 'step[a? b. c.]', 'step[a? b? c?]'],
  ],
  [
    'return with jumpBack: straight back, everybody is asked again',
    [sendBack('start', 'jumpBack'), { type: 'resubmit', by: 'me' }],
    ['step[a? b? c?]', 'step[a? b? c?]', 'step[a? b. c.]', 'step[a? b? c?]'],
  ],
  ['return to the submitter: the step waits for a resubmission', [sendBack('start', 'rerun')], alike('start')],
  ['withdraw: stays as history', [{ type: 'withdraw', by: 'me' }], alike('withdrawn')],
  [
    'transfer: stays, only the seat of who hands on moves',
    [{ type: 'transfer', by: 'b', to: 'd' }],
    ['step[a+ d? c? x?]', 'step[a+ d? c?]', 'step[a+ d? c.]', 'step[a+ d? c?]'],
  ],
  [
    'addSign before: stays, the seat waits for who was added',
    [addSign('before')],
    ['step[a+ b. c? x? d?]', 'step[a+ b. c? d?]', 'step[a+ b. c. d?]', 'step[a+ b. c? d?]'],
  ],
  [
    'addSign after: stays, who was added is asked once the seat has approved',
    [addSign('after'), approve('b')],
    ['step[a+ b+ c? x? d?]', 'step[a+ b+ c? d?]', 'step[a+ b+ c. d?]', 'step[a+ b+ c? d?]'],
  ],
  [
    'addSign parallel: stays, one more vote at the same place',
    [addSign('parallel')],
    ['step[a+ b? c? x? d?]', 'step[a+ b? c? d?]', 'step[a+ b? c. d?]', 'step[a+ b? c? d?]'],
  ],
  [
    'removeSign: stays, the seat is asked again',
    [addSign('before'), { type: 'removeSign', by: 'b', people: ['d'] }],
    ['step[a+ b? c? x? dx]', 'step[a+ b? c? dx]', 'step[a+ b? c. dx]', 'step[a+ b? c? dx]'],
  ],
  [
    'retract by its maker: taken back',
    [{ type: 'retract', by: 'a' }],
    ['step[a? b? c? x.]', 'step[a? b? c?]', 'step[a? b. c.]', 'step[a? b? c?]'],
  ],
  [
    'urge, comment, copy: stays, and can still be taken back',
    [
      { type: 'urge', by: 'me' },
      { type: 'comment', by: 'b', text: '请看附件', mentions: ['c'] },
      { type: 'copy', by: 'b', people: ['e'] },
      { type: 'retract', by: 'a' },
    ],
    ['step[a? b? c? x.]', 'step[a? b? c?]', 'step[a? b. c.]', 'step[a? b? c?]'],
  ],
  [
    'migrate: stays, and from the next vote on the new version’s mode counts, here a countersign',
    [{ type: 'migrate', by: 'admin', to: 2, nodes: {} }, approve('b')],
    ['step[a+ b+ c? x?]', 'step[a+ b+ c?]', 'step[a+ b+ c?]', 'step[a+ b+ c?]'],
  ],
  [
    'delegate: stays, who stands in is asked for the open seat',
    [{ type: 'delegate', by: 'b' }],
    ['step[a+ d=b? c? x?]', 'step[a+ d=b? c?]', 'step[a+ d=b? c.]', 'step[a+ d=b? c?]'],
    { standIns: { b: 'd' } },
  ],
  [
    'handOver of somebody who has not voted: stays, the leaver’s seats move',
    [{ type: 'handOver', by: 'admin', from: 'c', to: 'd' }],
    ['step[a+ b? d? x?]', 'step[a+ b? d?]', 'step[a+ b? d.]', 'step[a+ b? d?]'],
  ],
  [
    'reassign: stays, the open seats go to other people; seats that wait stay, and who is to be heard after a vote is still heard',
    [{ type: 'reassign', by: 'admin', taskId: step, people: ['d'], reason }],
    ['step[a+ d? cx d?]', 'step[a+ d? cx]', 'step[a+ d? c.]', 'step[a+ d? cx]'],
  ],
  [
    'reassign to more people: the others sit beside',
    [{ type: 'reassign', by: 'admin', taskId: step, people: ['d', 'e', 'f', 'g'], reason }],
    ['step[a+ d? e? f? g?]', 'step[a+ d? e? f? g?]', 'step[a+ d? c. e? f? g?]', 'step[a+ d? e? f? g?]'],
  ],
  ['skip: stays as history, the case goes on', [{ type: 'skip', by: 'admin', taskId: step, reason }], alike('last[z?]')],
  [
    'reroute: stays as history, the case goes elsewhere',
    [{ type: 'reroute', by: 'admin', taskId: step, to: 'first', reason }],
    alike('first[p?]'),
  ],
  ['terminate: stays as history', [{ type: 'terminate', by: 'admin', reason }], alike('terminated')],
  [
    'overdue transfer: stays, the open seats go to the superiors',
    [{ type: 'timeout', taskId: step, rung: '0' }],
    ['step[a+ sb? sc? x?]', 'step[a+ sb? sc?]', 'step[a+ sb? c.]', 'step[a+ sb? sc?]'],
  ],
]

describe('what becomes of a vote already cast', () => {
  const modes: [string, Mode][] = [
    ['anyOf', ANY_OF],
    ['countersign', COUNTERSIGN],
    ['sequential', SEQUENTIAL],
    ['vote', vote()],
  ]
  const cells = TABLE.flatMap(([rule, events, expected, more]) =>
    modes.map(([name, mode], place) => ({ rule, name, mode, events, expected: expected[place], more })),
  )

  test.each(cells)('$rule ($name)', ({ mode, events, expected, more }) => {
    const opened = halfWay(mode)
    const [cast] = opened.current.path.flatMap(({ seats }) =>
      seats.filter(({ status, personId }) => status === 'approved' && personId === 'a'),
    )
    opened.people = { ...people, ...more }
    for (const event of events) opened.do(event)
    expect(drawn(opened.current)).toBe(expected)
    const isKept = opened.current.path.some(({ seats }) =>
      seats.some(seat => seat.seatId === cast?.seatId && seat.decidedAt === cast.decidedAt),
    )
    expect(isKept).toBe(!events.some(({ type }) => type === 'retract'))
  })

  test.each(modes)('a leaver’s own vote stays, and there is nothing to hand over (%s)', (_, mode) => {
    const refusal = halfWay(mode).refusal({ type: 'handOver', by: 'admin', from: 'a', to: 'd' })
    expect(refusal.code).toBe('approval.nothing_changed')
  })

  test.each(modes)('a colleague gives nobody a second vote: neither by 转交 nor by 加签 (%s)', (_, mode) => {
    const opened = halfWay(mode)
    expect(opened.refusal({ type: 'transfer', by: 'b', to: 'a' }).code).toBe('approval.transfer_to_assignee')
    expect(opened.refusal({ ...addSign('parallel'), people: ['a'] } as ProcessEvent).code).toBe('approval.sign_assignee')
  })

  test.each(modes)('nobody votes twice at a step that is still open (%s)', (_, mode) => {
    expect(halfWay(mode).refusal({ type: 'approve', by: 'a' })).toMatchObject({
      code: 'approval.already_voted',
      details: { outcome: 'approved', nodeName: 'step' },
    })
  })
})
