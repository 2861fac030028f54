import { describe, expect, test } from '@jest/globals'
import { formatSize } from '../../../miniapp/src/kernel/file-size.ts'
import { newUuid } from '../../../miniapp/src/kernel/press-keys.ts'
import { formatDayWord, formatSpan, formatWhen } from '../../../miniapp/src/kernel/time.ts'
import { withRole } from '../../../miniapp/src/pages/people/admin/person-words.ts'

const at = (text: string) => Date.parse(`${text}+08:00`)
const now = at('2026-11-22T14:03:00')

describe('times as people say them', () => {
  test.each([
    ['2026-11-22T09:00:00', '今天 09:00'],
    ['2026-11-21T23:59:00', '昨天 23:59'],
    ['2026-11-23T00:00:00', '明天 00:00'],
    ['2026-11-20T14:03:00', '11-20 周五 14:03'],
    ['2025-11-22T14:03:00', '2025-11-22 14:03'],
  ])('%s is %s', (moment, words) => {
    expect(formatWhen(at(moment), now)).toBe(words)
  })

  test('just after midnight, a minute ago was yesterday', () => {
    expect(formatDayWord(at('2026-11-21T23:59:30'), at('2026-11-22T00:00:10'))).toBe('昨天')
  })

  test.each([
    [59_999, '不到 1 分钟'],
    [60_000, '1 分钟'],
    [3_600_000, '1 小时'],
    [3_900_000, '1 小时 5 分'],
    [86_400_000, '1 天'],
    [108_000_000, '1 天 6 小时'],
  ])('%i ms is %s', (spanMs, words) => {
    expect(formatSpan(spanMs)).toBe(words)
  })
})

describe('small words', () => {
  test('file sizes', () => {
    expect([500, 842_133, 3_565_158].map(formatSize)).toEqual(['500 B', '822 KB', '3.4 MB'])
  })

  test('a role is added once, trimmed, and never blank or overlong', () => {
    expect(withRole(['技术'], ' 采购 ')).toEqual(['技术', '采购'])
    expect(['技术', '  ', 'x'.repeat(21)].map(typed => withRole(['技术'], typed))).toEqual([['技术'], ['技术'], ['技术']])
  })

  test('ids are version-4 UUIDs and differ', () => {
    expect(newUuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(newUuid()).not.toBe(newUuid())
  })
})
