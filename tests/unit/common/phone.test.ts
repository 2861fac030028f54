import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { formatPhone344, maskPhone, parsePhone } from '../../../common/phone.ts'

test.each([
  ['13812345678', '13812345678'],
  ['138 1234-5678', '13812345678'],
  ['+86 138-1234-5678', '13812345678'],
  ['008613812345678', '13812345678'],
  ['１３８１２３４５６７８', '13812345678'],
  ['023-12345678', '023-12345678'],
  ['(023)6123 4567', '023-61234567'],
  ['02361234567', '023-61234567'],
  ['0835-2223456', '0835-2223456'],
  ['023-61234567-801', '023-61234567-801'],
  ['0835-2223456 转 8', '0835-2223456-8'],
  ['+86 10 61234567', '010-61234567'],
  ['400-820-8820', '400-820-8820'],
])('%s is the number %s', (text, phone) => expect(parsePhone(text)).toBe(phone))

test.each([
  '',
  'abc',
  '12812345678',
  '1381234567',
  '138123456789',
  '61234567',
  '13812345678转1',
  '-13812345678',
  '023-1',
  '1381234567a',
  '80万',
])('"%s" is no telephone number', text => expect(parsePhone(text)).toBeNull())

test('a number in its stored form is read as itself', () => {
  const mobile = fc
    .tuple(fc.constantFrom(...'3456789'), fc.stringMatching(/^\d{9}$/))
    .map(([second, rest]) => `1${second}${rest}`)
  const landline = fc
    .tuple(fc.constantFrom('010', '023', '0835'), fc.stringMatching(/^[1-9]\d{6,7}$/))
    .map(parts => parts.join('-'))
  fc.assert(fc.property(fc.oneof(mobile, landline), phone => expect(parsePhone(phone)).toBe(phone)))
})

test('anything else typed is read or refused, never an accident', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const phone = parsePhone(text)
      expect(phone === null || parsePhone(phone) === phone).toBe(true)
    }),
  )
})

test('a mobile number is shown 3-4-4 and masked in the middle', () => {
  expect(formatPhone344('13812345678')).toBe('138 1234 5678')
  expect(formatPhone344('023-61234567')).toBe('023-61234567')
  expect(maskPhone('13812345678')).toBe('138****5678')
  expect(maskPhone('12345')).toBe('****')
})
