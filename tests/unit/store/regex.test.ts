import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { guarded } from '../../../store/bson/regex.ts'
import { riskOf } from '../../../store/bson/regex-risk.ts'

const limitMs = 2000

describe('regular expressions', () => {
  test.each([
    '(a+)+$',
    '((a)+)+$',
    '(a|aa)+$',
    '(?:a*)*b',
    '(\\w+\\s?)+$',
    'a?a?a?a?a?a?a?aaaaaaa',
    '(a)\\1',
    '((a|b){1,9})*c',
    '((a{1000}){1000}){1000}b',
    '(){99999}x',
  ])('a pattern that may never end runs under a time limit: %s', source => {
    expect(riskOf(source).exponential).toBe(true)
    const startMs = performance.now()
    const attempt = () => guarded(new RegExp(source)).test(`${'a'.repeat(60)}!`)
    try {
      expect(typeof attempt()).toBe('boolean')
    } catch (error) {
      expect((error as { code: number }).code).toBe(51075)
    }
    expect(performance.now() - startMs).toBeLessThan(limitMs)
  })

  test.each(['.*.*.*.*=x', 'a*a*a*a*a*b'])('many repetitions over a long text are cut off: %s', source => {
    const startMs = performance.now()
    expect(() => guarded(new RegExp(source)).test('a '.repeat(2000).concat('a'.repeat(3000)))).toThrow(/took too long/)
    expect(performance.now() - startMs).toBeLessThan(limitMs)
  })

  test('slow matches of many values add up to a limit', () => {
    const pattern = guarded(/(a+)+$/)
    const startMs = performance.now()
    expect(() => {
      for (let n = 0; n < 100_000; n++) pattern.test(`${'a'.repeat(22)}!`)
    }).toThrow(/took too long/)
    expect(performance.now() - startMs).toBeLessThan(5 * limitMs)
  })

  test.each([
    ['^长安', 0],
    ['汽车$', 0],
    ['a.*b', 1],
    ['[a-z]+@[a-z]+', 2],
    ['1[3-9]\\d{9}', 0],
    ['(\\d{4}-){2}', 0],
    ['a{900}b', 1],
    ['(合同|报价)', 0],
    ['\\(x\\)+[*+?]', 1],
  ])('an ordinary pattern is not taken for a dangerous one: %s', (source, loops) => {
    expect(riskOf(source)).toEqual({ exponential: false, loops })
  })

  test('the guard never changes what matches', () => {
    const piece = fc.constantFrom('a', 'b', '[ab]', '.', 'a*', 'b+', '(a|b)', '(a)?', 'a{1,2}', '^', '$')
    const source = fc.array(piece, { minLength: 1, maxLength: 5 }).map(pieces => pieces.join(''))
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 }).map(chars => chars.join(''))
    fc.assert(
      fc.property(source, text, (pattern, value) => guarded(new RegExp(pattern)).test(value) === new RegExp(pattern).test(value)),
    )
  })
})
