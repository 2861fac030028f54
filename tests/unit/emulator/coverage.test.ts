import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { COVERAGE, coveragePage } from '../../../emulator/coverage.ts'
import { dingtalkCalls } from '../../../emulator/dingtalk/api/index.ts'

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const rows = Object.values(COVERAGE).flat()

test('the page says what the table says (node --import tsx emulator/write-coverage.ts)', () => {
  expect(read('emulator/COVERAGE.md')).toBe(coveragePage())
})

test('every section has a test that would notice a mistake', () => {
  for (const { section, judgedBy } of rows) expect([section, judgedBy.length]).not.toEqual([section, 0])
})

test.each(rows.flatMap(({ section, judgedBy }) => judgedBy.map(judge => [section, judge])))('%s: %s exists', (_, judge) => {
  const [file = '', name = ''] = judge.split(' › ')
  expect(existsSync(new URL(`../../${file}`, import.meta.url))).toBe(true)
  expect(read(`tests/${file}`)).toContain(name)
})

describe('DingTalk', () => {
  const listed = COVERAGE.dingtalk.flatMap(({ calls = [] }) => calls)

  test('every call that is answered is in the table, once, and nothing else is', () => {
    expect([...listed].sort()).toEqual(['POST /v1.0/gateway/connections/open', ...dingtalkCalls].sort())
  })
})
