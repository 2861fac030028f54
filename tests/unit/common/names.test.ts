import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { cleanName, cleanText, normaliseCompany, queryKey, similarity } from '../../../common/names.ts'
import { searchKeys } from '../../../common/pinyin.ts'

const anyText = fc.string({ unit: 'binary', maxLength: 80 })
const finds = (query: string, name: string): boolean => {
  const keys = searchKeys(name)
  return [...keys.grams, ...keys.initials].some(key => key.startsWith(queryKey(query)))
}

describe('two spellings of one company have one key', () => {
  test.each([
    ['重庆长安汽车股份有限公司', '重庆长安汽车'],
    ['重庆 长安汽车 有限责任公司', '重庆长安汽车'],
    ['长安（集团）有限公司', '长安'],
    ['长安汽车集团', '长安汽车'],
    ['ABC Motors Co., Ltd.', 'abcmotors'],
    ['ＡＢＣ　ｍｏｔｏｒｓ', 'abcmotors'],
    ['A公司', 'a公司'],
    ['有限公司', '有限公司'],
    ['😀', '😀'],
  ])('%s → %s', (name, key) => expect(normaliseCompany(name)).toBe(key))

  test('another place or another branch is another customer', () => {
    expect(normaliseCompany('中国移动(重庆)有限公司')).not.toBe(normaliseCompany('中国移动(四川)有限公司'))
    expect(normaliseCompany('重庆移动江北分公司')).not.toBe(normaliseCompany('重庆移动'))
  })

  test('the key is its own key, and is empty only without letters', () => {
    fc.assert(
      fc.property(anyText, name => {
        const key = normaliseCompany(name)
        expect(/[\p{L}\p{N}]/u.test(cleanName(name.normalize('NFKC'), 80)) ? key !== '' : true).toBe(true)
        expect(cleanName(key, 400)).toBe(key)
      }),
    )
  })
})

describe('a name is stored as plain visible text', () => {
  test.each([
    ['  张\u202e伟\u200b ', '张伟'],
    ['a\u0000b\nc', 'a b c'],
    ['<b>长安</b>', '<b>长安</b>'],
    ['长安🚗', '长安🚗'],
    ['👨‍👩‍👧', '👨‍👩‍👧'],
    ['张\ud800伟', '张伟'],
  ])('%j → %j', (text, clean) => expect(cleanName(text, 60)).toBe(clean))

  test('it is never longer than asked, never half a character, and clean already', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 20 }), (text, max) => {
        const clean = cleanName(text, max)
        expect(clean.length).toBeLessThanOrEqual(max)
        expect(clean).not.toMatch(/\p{Cs}/u)
        expect(cleanName(clean, max)).toBe(clean)
      }),
    )
  })

  test('a note keeps its line breaks', () => {
    expect(cleanText('第一行 \r\n\n\n\n第\u202e二行\n', 100)).toBe('第一行\n\n第二行')
  })
})

describe('a customer is found by any part of its name', () => {
  test.each(['长安', '查 长安', '重庆长安汽车', '有限公司', 'caqc', 'CQCA', 'changan', 'chang an', 'zhongqing', 'ｃａｑｃ'])(
    '%s finds 重庆长安汽车股份有限公司',
    query => {
      expect(finds(query, '重庆长安汽车股份有限公司')).toBe(true)
    },
  )

  test.each(['重汽', 'cc', '.*', '$where', 'anhui'])('%s does not', query => {
    expect(queryKey(query) !== '' && finds(query, '重庆长安汽车股份有限公司')).toBe(false)
  })

  test('every part of a written name is found, and no key is longer than 40 characters', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'重庆长安汽车行乐吕A1b '), minLength: 1, maxLength: 30 }),
        fc.nat(),
        (name, at) => {
          const letters = name.replaceAll(' ', '')
          const part = letters.slice(at % Math.max(1, letters.length))
          expect(part === '' || finds(part, name)).toBe(true)
          const keys = searchKeys(name)
          expect(Math.max(0, ...[...keys.grams, ...keys.initials].map(key => key.length))).toBeLessThanOrEqual(40)
        },
      ),
    )
  })
})

test('nearness is symmetric, between 0 and 1, and ranks the likelier name first', () => {
  fc.assert(
    fc.property(anyText, anyText, (a, b) => {
      const near = similarity(a, b)
      expect(near).toBe(similarity(b, a))
      expect(near >= 0 && near <= 1).toBe(true)
    }),
  )
  expect(similarity('长安汽车', '长安汽车有限公司')).toBe(1)
  expect(similarity('长安气车', '长安汽车')).toBeGreaterThan(similarity('长安气车', '长城汽车配件'))
  expect(similarity('长安', '重庆长安汽车')).toBeGreaterThan(0.5)
  expect(similarity('中国银行', '长安汽车')).toBe(0)
})
