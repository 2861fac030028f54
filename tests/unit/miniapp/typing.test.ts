import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { amountFault, amountHint, phoneFault } from '../../../miniapp/src/kernel/form-rules.ts'
import { typeAmount, typePhone } from '../../../miniapp/src/kernel/typing.ts'

const anyText = fc.string({ unit: fc.constantFrom(...'0123456789 -+.,万a转') })
const withCaret = anyText.chain(text => fc.tuple(fc.constant(text), fc.integer({ min: 0, max: text.length })))

describe('phone while typing', () => {
  test.each([
    ['1381234', '138 1234'],
    ['13812345678', '138 1234 5678'],
    ['138-1234-5678', '138 1234 5678'],
    ['023-12345678', '023-12345678'],
    ['+86 138', '+86 138'],
  ])('%s becomes %s', (typed, shown) => {
    expect(typePhone(typed, typed.length)).toEqual({ text: shown, caret: shown.length })
  })

  test('the caret stays behind the same digit when one is typed in the middle', () => {
    expect(typePhone('138 91234 567', 5)).toEqual({ text: '138 9123 4567', caret: 5 })
  })

  test('no digit is ever lost, the caret stays inside, and formatting twice changes nothing', () => {
    fc.assert(
      fc.property(withCaret, ([text, caret]) => {
        const once = typePhone(text, caret)
        expect(once.text.replace(/\D/g, '')).toBe(text.replace(/\D/g, ''))
        expect(once.caret).toBeLessThanOrEqual(once.text.length)
        expect(typePhone(once.text, once.caret).text).toBe(once.text)
      }),
    )
  })
})

describe('amount while typing', () => {
  test.each([
    ['620000', '620,000'],
    ['1234567.8', '1,234,567.8'],
    ['62,0000', '620,000'],
    ['80万', '80万'],
    ['-5', '-5'],
  ])('%s becomes %s', (typed, shown) => {
    expect(typeAmount(typed, typed.length)).toEqual({ text: shown, caret: shown.length })
  })

  test('the figure never changes, and formatting twice changes nothing', () => {
    fc.assert(
      fc.property(withCaret, ([text, caret]) => {
        const once = typeAmount(text, caret)
        expect(once.text.replace(/,/g, '')).toBe(text.replace(/,/g, ''))
        expect(once.caret).toBeLessThanOrEqual(once.text.length)
        expect(typeAmount(once.text, once.caret).text).toBe(once.text)
      }),
    )
  })
})

describe('form rules', () => {
  test('an amount that can be read shows figure and capitals, one that cannot says why', () => {
    expect(amountHint('62万')).toBe('620,000.00 元 · 人民币陆拾贰万元整')
    expect(amountHint('abc')).toBe('')
    expect(amountFault('62万')).toBeNull()
    expect(amountFault('-5')).toMatch(/./)
  })

  test('a phone is needed and must be complete', () => {
    expect(phoneFault(' ')).toBe('请填写联系电话')
    expect(phoneFault('138 1234')).toContain('不完整')
    expect(phoneFault('138 1234 5678')).toBeNull()
  })
})
