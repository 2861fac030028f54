import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createLocalTime } from '../../../common/time.ts'
import { dateOf, parseDate } from '../../../engine/calendar/index.ts'
import { beginningOf, dayOfWord, endOf } from '../../../handlers/delegations/days.ts'
import { readDayWord } from '../../../handlers/talk/understand/delegations.ts'
import { understand } from '../../../handlers/talk/understand/index.ts'

const friday = { kind: 'weekday', weekday: 5 }

describe('委托 by word', () => {
  test.each([
    ['委托 李明 到 周五', { type: 'delegation.set', to: '李明', until: friday }],
    ['委托李明到周五', { type: 'delegation.set', to: '李明', until: friday }],
    ['委托给李明 到星期五', { type: 'delegation.set', to: '李明', until: friday }],
    ['委托 @李明 到下周五', { type: 'delegation.set', to: '李明', until: { ...friday, weeksAhead: 1 } }],
    ['委托 李明 到 11-30', { type: 'delegation.set', to: '李明', until: { kind: 'date', month: 11, day: 30 } }],
    ['委托 李明 到 2027年1月3日', { type: 'delegation.set', to: '李明', until: { kind: 'date', year: 2027, month: 1, day: 3 } }],
    [
      '委托 李明 从明天到11月30日',
      { type: 'delegation.set', to: '李明', from: { kind: 'offset', days: 1 }, until: { kind: 'date', month: 11, day: 30 } },
    ],
    ['委托 李明 到月底', { type: 'delegation.set', to: '李明', until: { kind: 'monthEnd' } }],
    ['委托 李明 3天', { type: 'delegation.set', to: '李明', days: 3 }],
    ['委托李明两天', { type: 'delegation.set', to: '李明', days: 2 }],
    ['委托 李明', { type: 'delegation.set', to: '李明' }],
    ['委托', { type: 'delegation.set' }],
    ['取消委托', { type: 'delegation.end' }],
    ['我的委托', { type: 'delegation.list' }],
  ])('%s', (text, intent) => expect(understand(text)).toEqual(intent))

  test.each(['委托书怎么写', '委托方是长安汽车', '委托合同 到期了怎么办', '取消委托合同', '委托 李明 到 13-45'])(
    '%s is about something else or no day, and stands in for nobody',
    text => {
      const intent = understand(text)
      expect(intent.type === 'delegation.set' && 'until' in intent).toBe(false)
      expect(intent.type).not.toBe('delegation.end')
    },
  )
})

describe('which day a word means', () => {
  const thursday = parseDate('2026-11-26') ?? 0
  const meant = (text: string, today: number = thursday): string | null => {
    const word = readDayWord(text)
    const day = word && dayOfWord(word, today)
    return day === null ? null : dateOf(day)
  }

  test.each([
    ['今天', '2026-11-26'],
    ['大后天', '2026-11-29'],
    ['昨天', '2026-11-25'],
    ['周四', '2026-11-26'],
    ['周五', '2026-11-27'],
    ['周三', '2026-12-02'],
    ['周日', '2026-11-29'],
    ['本周三', '2026-11-25'],
    ['下周三', '2026-12-02'],
    ['下下周一', '2026-12-07'],
    ['月底', '2026-11-30'],
    ['11-30', '2026-11-30'],
    ['1月3日', '2027-01-03'],
    ['2-29', '2028-02-29'],
    ['2027.2.28', '2027-02-28'],
  ])('%s, said on Thursday 2026-11-26, is %s', (text, date) => expect(meant(text)).toBe(date))

  test.each(['2027-02-29', '2-30', '13-01', '0-1', '周八', '那天'])('%s is no day', text => expect(meant(text)).toBeNull())

  test('a weekday without more is one of the next seven days, today included', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 1, max: 7 }), (day, weekday) => {
        const found = dayOfWord({ kind: 'weekday', weekday }, day) ?? -1
        expect(found - day).toBeGreaterThanOrEqual(0)
        expect(found - day).toBeLessThan(7)
        expect(new Date(found * 86_400_000).getUTCDay() || 7).toBe(weekday)
      }),
    )
  })

  test('a day lasts from local midnight to local midnight', () => {
    const time = createLocalTime('Asia/Shanghai')
    expect(new Date(beginningOf(thursday, time)).toISOString()).toBe('2026-11-25T16:00:00.000Z')
    expect(new Date(endOf(thursday, time)).toISOString()).toBe('2026-11-26T16:00:00.000Z')
  })
})
