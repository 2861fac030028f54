import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import nzh from 'nzh/cn'
import { formatYuan, formatYuanShort, parseAmount, toUpperYuan } from '../../../common/money.ts'

const minorAmount = fc.oneof(fc.integer({ min: 1, max: 100_000_000_00 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }))
const asDecimal = (minor: number) => formatYuan(minor).replaceAll(',', '')

describe('an amount is read as people write it', () => {
  test.each([
    ['80万', 80_000_000],
    ['八十万', 80_000_000],
    ['80.5 万元', 80_500_000],
    ['1.2亿', 12_000_000_000],
    ['800,000.00', 80_000_000],
    ['¥620000', 62_000_000],
    ['¥ 620,000', 62_000_000],
    ['620000元', 62_000_000],
    ['人民币620000元整', 62_000_000],
    ['62万5千', 62_500_000],
    ['８０万', 80_000_000],
    ['８００，０００．００', 80_000_000],
    ['捌拾万元整', 80_000_000],
    ['两百万', 200_000_000],
    ['一亿二千万', 12_000_000_000],
    ['1亿2000万', 12_000_000_000],
    ['80w', 80_000_000],
    ['5k', 500_000],
    ['1.5千万', 150_000_000_0],
    ['一点二亿', 12_000_000_000],
    ['十五万', 15_000_000],
    ['十万', 10_000_000],
    ['三千零五', 300_500],
    ['一万零五百', 1_050_000],
    ['一万五', 1_500_000],
    ['三千五', 350_000],
    ['62万5', 62_500_000],
    ['12.345万', 12_345_000],
    ['0.01', 1],
    ['500,000.01', 50_000_001],
    ['伍角伍分', 55],
    ['叁元零伍分', 305],
    ['一万亿', 100_000_000_000_000],
    ['90071992547409.91', Number.MAX_SAFE_INTEGER],
    ['200块', 20_000],
  ])('%s is %d 分', (text, minor) => {
    expect(parseAmount(text)).toEqual({ ok: true, minor })
  })

  test('every amount is read back from its digits, its thousands and its capital numerals', () => {
    fc.assert(
      fc.property(minorAmount, minor => {
        for (const text of [formatYuan(minor), `¥${asDecimal(minor)}`, `${asDecimal(minor)} 元`, toUpperYuan(minor)]) {
          expect(parseAmount(text)).toEqual({ ok: true, minor })
        }
      }),
    )
  })
})

describe('what is no clear positive amount is refused with its reason', () => {
  test.each([
    ['0', 'amount.not_positive'],
    ['0.00', 'amount.not_positive'],
    ['-5', 'amount.not_positive'],
    ['-¥5', 'amount.not_positive'],
    ['¥-80万', 'amount.not_positive'],
    ['负八十万', 'amount.not_positive'],
    ['零元整', 'amount.not_positive'],
    ['－５', 'amount.not_positive'],
    ['0万', 'amount.not_positive'],
    ['1e9', 'amount.exponent'],
    ['1E+9', 'amount.exponent'],
    ['１ｅ９', 'amount.exponent'],
    ['-1e9', 'amount.exponent'],
    ['10^9', 'amount.exponent'],
    ['1.234', 'amount.too_many_decimals'],
    ['0.001', 'amount.too_many_decimals'],
    ['1.2345678万', 'amount.too_many_decimals'],
    ['九十九亿亿', 'amount.too_large'],
    ['90071992547409.92', 'amount.too_large'],
    ['九百万亿', 'amount.too_large'],
    ['9'.repeat(80), 'amount.too_large'],
    ['', 'amount.unreadable'],
    ['NaN', 'amount.unreadable'],
    ['Infinity', 'amount.unreadable'],
    ['80,0000', 'amount.unreadable'],
    ['8,00', 'amount.unreadable'],
    ['80 000', 'amount.unreadable'],
    ['1.2.3', 'amount.unreadable'],
    ['.5', 'amount.unreadable'],
    ['5.', 'amount.unreadable'],
    ['万', 'amount.unreadable'],
    ['80~100万', 'amount.unreadable'],
    ['80多万', 'amount.unreadable'],
    ['一万五元', 'amount.unreadable'],
    ['二〇二六', 'amount.unreadable'],
    ['1亿20000万', 'amount.unreadable'],
    ['0x10', 'amount.unreadable'],
    ['八十美元', 'amount.unreadable'],
    ['$where', 'amount.unreadable'],
  ])('%s: %s', (text, code) => {
    expect(parseAmount(text)).toMatchObject({ ok: false, code, message: expect.stringMatching(/[。]$/) })
  })

  test('whatever is typed, the answer is a safe positive integer or a refusal', () => {
    const pieces = fc.constantFrom(...'0123456789.,-+e¥元万亿千百十零一二三两半点角分整 ')
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: pieces })), text => {
        const read = parseAmount(text)
        expect(read.ok ? Number.isSafeInteger(read.minor) && read.minor > 0 : read.code.startsWith('amount.')).toBe(true)
      }),
      { numRuns: 400 },
    )
  })
})

describe('an amount is shown', () => {
  test.each([
    [62_000_000, '620,000.00'],
    [5, '0.05'],
    [0, '0.00'],
    [-1_234_567, '-12,345.67'],
    [123_456_789, '1,234,567.89'],
  ])('%d 分 with thousands and cents: %s', (minor, text) => expect(formatYuan(minor)).toBe(text))

  test.each([
    [62_000_000, '620,000.00 元(62 万)'],
    [10_000_000, '100,000.00 元(10 万)'],
    [9_999_999, '99,999.99 元'],
    [80_500_000, '805,000.00 元(80.5 万)'],
    [62_345_678, '623,456.78 元(约 62.35 万)'],
    [12_000_000_000, '120,000,000.00 元(1.2 亿)'],
  ])('%d 分 for a glance: %s', (minor, text) => expect(formatYuanShort(minor)).toBe(text))

  test('capital numerals are those of nzh', () => {
    fc.assert(
      fc.property(minorAmount, minor => {
        const decimal = asDecimal(minor)
          .replace(/\.00$/, '')
          .replace(/(\.\d)0$/, '$1')
        expect(toUpperYuan(minor)).toBe(nzh.toMoney(decimal))
      }),
    )
    expect(toUpperYuan(0)).toBe('人民币零元整')
  })

  test('a fraction of a 分 is a mistake of the caller', () => {
    expect(() => formatYuan(0.5)).toThrow(RangeError)
    expect(() => toUpperYuan(-1)).toThrow(RangeError)
  })
})
