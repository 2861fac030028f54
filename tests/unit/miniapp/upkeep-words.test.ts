import { describe, expect, test } from '@jest/globals'
import { setQuietInput } from '../../../common/contract/deliveries.ts'
import { spanWords, standInWords } from '../../../miniapp/src/pages/delegations/span-words.ts'
import { choiceOf, quietFault, quietOf, quietWords } from '../../../miniapp/src/pages/notices/quiet-choice.ts'

const at = (text: string) => Date.parse(`${text}+08:00`)
const now = at('2026-11-22T14:03:00')

describe('a delegation in words', () => {
  test.each([
    ['2026-11-24T00:00:00', '2026-11-28T00:00:00', '11-24 周二 至 11-27 周五(含)'],
    ['2026-11-22T09:00:00', null, '今天 09:00 起,直到取消'],
    ['2026-11-23T00:00:00', '2026-11-23T12:00:00', '明天 至 明天 12:00'],
  ])('from %s to %s: %s', (start, end, words) => {
    expect(spanWords({ startsAt: at(start), endsAt: end === null ? null : at(end) }, now)).toBe(words)
  })

  test('it is said from where the reader stands', () => {
    const pair = { from: { id: 'a', name: '王敏' }, to: { id: 'b', name: '李明' } }
    expect(['a', 'b', 'c'].map(reader => standInWords(pair, reader))).toEqual([
      '李明 代我处理审批',
      '我代 王敏 处理审批',
      '李明 代 王敏 处理审批',
    ])
  })
})

describe('quiet hours', () => {
  test.each([
    [{ from: '21:00', to: '08:00' }, '21:00 至次日 08:00'],
    [{ from: '12:00', to: '14:00' }, '12:00 至 14:00'],
    [{ from: '12:00', to: '12:00' }, '不设'],
    [null, '不设'],
  ])('%j reads %s', (quiet, words) => {
    expect(quietWords(quiet)).toBe(words)
  })

  test.each([undefined, null, { from: '20:30', to: '07:30' }])('%j comes back from the form as it went in', quiet => {
    const choice = choiceOf(quiet)
    expect(quietFault(choice)).toBeNull()
    expect(quietOf(choice)).toEqual(quiet)
    expect(setQuietInput.safeParse({ quiet: quietOf(choice) }).success).toBe(true)
  })

  test('half a time and equal ends are named', () => {
    expect(quietFault({ mode: 'own', from: '20:00', to: '' })).toBe('请填写开始和结束时间')
    expect(quietFault({ mode: 'own', from: '20:00', to: '20:00' })).toContain('不能相同')
  })
})
