import { describe, expect, test } from '@jest/globals'
import { approval, Case, type Company, drawn, end, process, start } from './support.ts'

type Mode = NonNullable<Parameters<typeof approval>[2]>['mode']

const company = (standIns: Record<string, string>, more: Partial<Company> = {}): Company => ({
  superiors: {},
  roles: {},
  admins: ['admin'],
  gone: ['ghost'],
  standIns,
  ...more,
})

const asking = (personIds: string[], standIns: Record<string, string>, mode: Mode = { type: 'countersign' }): Case => {
  const opened = new Case(
    process([start('step'), approval('step', personIds, { mode, next: 'last' }), approval('last', ['z']), end]),
    company(standIns),
  )
  opened.submit({}, 'me')
  return opened
}

describe('委托: somebody stands in for who is absent', () => {
  test('the delegate is asked, and told for whom', () => {
    const opened = asking(['a', 'b'], { a: 'd' })
    expect(opened.task.assigneeIds).toEqual(['d', 'b'])
    expect(opened.effects).toMatchObject([
      { type: 'asked', personId: 'd', onBehalfOfId: 'a' },
      { type: 'asked', personId: 'b' },
    ])
    expect(opened.effects[1]).not.toHaveProperty('onBehalfOfId')
  })

  test('the delegate votes for the absent, and the path tells who it was', () => {
    const opened = asking(['a', 'b'], { a: 'd' })
    opened.approve('d')
    expect(opened.current.path.at(-1)?.seats[0]).toMatchObject({ personId: 'a', delegateId: 'd', byId: 'd', status: 'approved' })
    expect(opened.approve('b').openTasks[0]?.nodeId).toBe('last')
  })

  test('the absent may still act themself, and the delegate is released', () => {
    const opened = asking(['a', 'b'], { a: 'd' })
    opened.approve('a')
    expect(opened.effects).toMatchObject([
      { type: 'voted', byId: 'a' },
      { type: 'released', personId: 'd' },
    ])
    expect(opened.refusal({ type: 'approve', by: 'd', taskId: opened.task.taskId }).code).toBe('approval.not_assignee')
  })

  test('one vote counts for every seat that a person speaks for', () => {
    const opened = asking(['a', 'b', 'd'], { a: 'd', b: 'd' })
    expect(opened.task.assigneeIds).toEqual(['d'])
    opened.approve('d')
    expect(drawn(opened.current)).toBe('last[z?]')
  })

  test.each([
    ['a chain leads to the last one who is there', { a: 'b', b: 'c' }, 'c=a?'],
    ['a circle asks the person themself', { a: 'b', b: 'a' }, 'a?'],
    ['a person who stands in for themself is asked', { a: 'a' }, 'a?'],
    ['a circle further along ends before it', { a: 'b', b: 'c', c: 'b' }, 'c=a?'],
    ['somebody who is gone does not stand in', { a: 'ghost' }, 'a?'],
    ['a chain ends before somebody who is gone', { a: 'b', b: 'ghost' }, 'b=a?'],
    ['the submitter does not stand in', { a: 'me' }, 'a?'],
    ['a chain ends before the submitter', { a: 'b', b: 'me' }, 'b=a?'],
  ])('%s', (_, standIns, where) => expect(drawn(asking(['a'], standIns).current)).toBe(`step[${where}]`))

  test('whose turn comes later is looked up then', () => {
    const opened = asking(['a', 'b'], {}, { type: 'sequential' })
    opened.people = company({ b: 'd' })
    opened.approve('a')
    expect(drawn(opened.current)).toBe('step[a+ d=b?]')
  })
})

describe('a delegation that begins or ends reaches work that waits already', () => {
  test('begun: who stands in is asked, the absent released', () => {
    const opened = asking(['a', 'b'], {})
    opened.people = company({ a: 'd' })
    opened.do({ type: 'delegate', by: 'a' })
    expect(drawn(opened.current)).toBe('step[d=a? b?]')
    expect(opened.effects).toMatchObject([
      { type: 'released', personId: 'a' },
      { type: 'asked', personId: 'd', onBehalfOfId: 'a' },
    ])
  })

  test('ended: the person is asked again', () => {
    const opened = asking(['a', 'b'], { a: 'd' })
    opened.people = company({})
    opened.do({ type: 'delegate', by: 'a' })
    expect(drawn(opened.current)).toBe('step[a? b?]')
    expect(opened.effects).toMatchObject([
      { type: 'released', personId: 'd' },
      { type: 'asked', personId: 'a' },
    ])
  })

  test('nobody is asked twice: a delegate who is asked anyway hears nothing', () => {
    const opened = asking(['a', 'b'], {})
    opened.people = company({ a: 'b' })
    opened.do({ type: 'delegate', by: 'a' })
    expect(opened.effects).toMatchObject([{ type: 'released', personId: 'a' }])
  })

  test('only then: somebody else’s vote does not move work from one hand to another', () => {
    const opened = asking(['a', 'b'], {})
    opened.people = company({ a: 'd' })
    opened.approve('b')
    expect(drawn(opened.current)).toBe('step[a? b+]')
  })

  test('votes cast stay, and what changes nothing is refused', () => {
    const opened = asking(['a', 'b'], {})
    opened.approve('a')
    opened.people = company({ a: 'd' })
    expect(opened.refusal({ type: 'delegate', by: 'a' }).code).toBe('approval.nothing_changed')
    expect(drawn(opened.current)).toBe('step[a+ b?]')
  })
})

describe('a delegate has the rights of the seat', () => {
  test('hands it on, and it is theirs no more', () => {
    const opened = asking(['a', 'b'], { a: 'd' })
    opened.do({ type: 'transfer', by: 'd', to: 'e' })
    expect(drawn(opened.current)).toBe('step[e? b?]')
    expect(opened.current.path.at(-1)?.seats[0]?.transfers).toMatchObject([{ fromId: 'a', toId: 'e', why: 'asked' }])
  })

  test('whom it is handed to may be absent too', () => {
    const opened = asking(['a', 'b'], { e: 'f' })
    opened.do({ type: 'transfer', by: 'a', to: 'e' })
    expect(drawn(opened.current)).toBe('step[f=e? b?]')
  })

  test('adds people below it', () => {
    const opened = asking(['a', 'b'], { a: 'd' })
    opened.do({ type: 'addSign', by: 'd', people: ['x'], placement: 'before' })
    expect(drawn(opened.current)).toBe('step[a. b? x?]')
  })
})

describe('交接: all open and waiting seats of a leaver', () => {
  test('go to somebody else, who may sit there already', () => {
    const opened = asking(['a', 'b', 'a2'], {}, { type: 'sequential' })
    opened.do({ type: 'handOver', by: 'admin', from: 'a2', to: 'b', via: 'h5' })
    expect(drawn(opened.current)).toBe('step[a? b. b.]')
    expect(opened.effects).toMatchObject([{ type: 'transferred', fromId: 'a2', toId: 'b', why: 'leaver' }])
  })

  test('those for whom the leaver stood in are asked again', () => {
    const opened = asking(['a', 'b'], { a: 'd' })
    opened.people = company({})
    opened.do({ type: 'handOver', by: 'admin', from: 'd', to: 'e' })
    expect(drawn(opened.current)).toBe('step[a? b?]')
  })

  test.each([
    ['to the submitter', { by: 'admin', from: 'a', to: 'me' }, 'approval.handover_to_submitter'],
    ['to somebody who is gone', { by: 'admin', from: 'a', to: 'ghost' }, 'approval.person_inactive'],
    ['to the leaver', { by: 'admin', from: 'a', to: 'a' }, 'approval.transfer_to_self'],
    ['from somebody who is not asked', { by: 'admin', from: 'z', to: 'e' }, 'approval.nothing_changed'],
    ['by somebody who is no admin', { by: 'a', from: 'a', to: 'e' }, 'approval.not_admin'],
  ])('not %s', (_, who, code) => {
    expect(asking(['a', 'b'], {}).refusal({ type: 'handOver', ...who }).code).toBe(code)
  })
})
