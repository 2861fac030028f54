import { describe, expect, test } from '@jest/globals'
import type { EventOf } from '../../../engine/process/index.ts'
import { atFinance, company, MONDAY_9, stepBy, submitted } from './support.ts'

describe('comment and copy', () => {
  const say = (by: string, text = '请看附件'): EventOf<'comment'> => ({
    type: 'comment',
    by,
    text,
    mentions: ['boss', 'boss'],
    via: 'h5',
  })

  test('a comment is kept with who said it, when, where and to whom', () => {
    const opened = submitted()
    opened.do(say('chief', ' 请看附件 '))
    expect(opened.current.remarks).toEqual([
      { byId: 'chief', at: MONDAY_9, nodeName: '直属上级审批', text: '请看附件', mentionIds: ['boss'], via: 'h5' },
    ])
    expect(opened.effects).toMatchObject([{ type: 'commented', byId: 'chief', text: '请看附件', mentionIds: ['boss'] }])
  })

  test('the submitter, those who decided, those who were told and admins may speak; outsiders may not', () => {
    const opened = atFinance()
    for (const by of ['sales1', 'chief', 'money2', 'admin1']) opened.do(say(by))
    expect(opened.refusal(say('tech1')).code).toBe('approval.not_participant')
    opened.do({ type: 'copy', by: 'sales1', people: ['tech1', 'tech1', 'tech2'], comment: '供参考' })
    expect(opened.effects).toMatchObject([{ type: 'copied', personIds: ['tech1', 'tech2'], byId: 'sales1', comment: '供参考' }])
    opened.do(say('tech1'))
    expect(opened.current.remarks).toHaveLength(5)
  })

  test('whoever knows of the case is not told again; who is gone is not told', () => {
    const opened = submitted()
    opened.people = { ...company, gone: ['ghost'] }
    opened.do({ type: 'copy', by: 'chief', people: ['tech1'] })
    expect(opened.refusal({ type: 'copy', by: 'chief', people: ['tech1'] }).code).toBe('approval.nothing_changed')
    expect(opened.refusal({ type: 'copy', by: 'chief', people: ['ghost'] }).code).toBe('approval.person_inactive')
    expect(opened.refusal({ type: 'copy', by: 'tech2', people: ['tech2'] }).code).toBe('approval.not_participant')
  })

  test('not where the step that asks them does not allow it, not about nothing, and not when all is over', () => {
    const strict = stepBy(['a'], { operations: ['transfer'] })
    expect(strict.refusal(say('a')).code).toBe('approval.operation_not_allowed')
    expect(strict.refusal({ type: 'copy', by: 'a', people: ['x'] }).code).toBe('approval.operation_not_allowed')
    expect(submitted().refusal(say('chief', ' \n')).code).toBe('approval.comment_required')
    const over = submitted()
    over.do({ type: 'withdraw', by: 'sales1' })
    expect(over.refusal(say('sales1')).code).toBe('approval.already_decided')
  })

  test('at most 500 comments', () => {
    const opened = submitted()
    const [remark] = [...opened.do(say('chief')).remarks]
    opened.state = { ...opened.current, remarks: Array(500).fill(remark) }
    expect(opened.refusal(say('chief')).code).toBe('approval.too_many_comments')
  })
})

describe('words', () => {
  test.each(['', '   ', '\n\t'])('a rejection without a reason (%j) is refused', blank => {
    expect(submitted().refusal({ type: 'reject', by: 'chief', reason: blank }).code).toBe('approval.reason_required')
  })

  test('a reason may have 1000 characters, emoji counted as one, and no more', () => {
    expect(submitted().refusal({ type: 'reject', by: 'chief', reason: '😀'.repeat(1001) }).code).toBe('approval.reason_too_long')
    expect(submitted().do({ type: 'reject', by: 'chief', reason: '😀'.repeat(1000) }).status).toBe('rejected')
  })

  test('a comment of 10,000 characters is refused for every verb that takes one', () => {
    const comment = '长'.repeat(10_000)
    const code = 'approval.comment_too_long'
    expect(submitted().refusal({ type: 'approve', by: 'chief', comment }).code).toBe(code)
    expect(submitted().refusal({ type: 'transfer', by: 'chief', to: 'boss', comment }).code).toBe(code)
    expect(submitted().refusal({ type: 'withdraw', by: 'sales1', reason: comment }).code).toBe(code)
    expect(submitted().refusal({ type: 'comment', by: 'chief', text: comment, mentions: [] }).code).toBe(code)
    expect(submitted().refusal({ type: 'copy', by: 'chief', people: ['x'], comment }).code).toBe(code)
    expect(submitted().refusal({ type: 'addSign', by: 'chief', people: ['x'], placement: 'after', comment }).code).toBe(code)
  })
})
