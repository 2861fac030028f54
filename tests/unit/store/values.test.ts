import { describe, expect, test } from '@jest/globals'
import { Binary, Decimal128, Double, ObjectId, Timestamp } from 'bson'
import fc from 'fast-check'
import { compare, decode, decodeFields, encode, identityOf, makeKey } from '../../../store/bson/index.ts'

const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter(value => !Number.isInteger(value)),
  fc.integer({ min: -1000, max: 1000 }).map(value => new Double(value)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: -20, max: 20 }))
    .map(([digits, exponent]) => Decimal128.fromString(`${digits}E${exponent}`)),
  fc.string({ unit: 'grapheme' }),
  fc.string(),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 20 }).map(bytes => new Binary(bytes)),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map(bytes => new ObjectId(bytes)),
  fc.tuple(fc.nat(), fc.nat()).map(([t, i]) => new Timestamp({ t, i })),
)
const name = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 4 }).filter(text => !/^\d|^__proto__$/.test(text))
const { value } = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4 }),
  ),
}))
/** As the store sees a value: decoded from bytes. */
const stored = value.map(one => decode(encode({ one })).one)

describe('BSON values', () => {
  test('decoding and encoding again gives the same bytes', () => {
    fc.assert(
      fc.property(fc.dictionary(name, value), doc => {
        const bytes = encode(doc)
        expect(encode(decode(bytes)).equals(bytes)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  test('decoding some fields gives what decoding all gives', () => {
    fc.assert(
      fc.property(fc.dictionary(name, value, { minKeys: 1 }), fc.nat(), (doc, pick) => {
        const bytes = encode(doc)
        const names = Object.keys(doc)
        const wanted = names[pick % names.length] as string
        expect(decodeFields(bytes, new Set([wanted]))).toEqual({ [wanted]: decode(bytes)[wanted] })
      }),
      { numRuns: 200 },
    )
  })

  test('bytes cut short or changed are refused and never hang', () => {
    fc.assert(
      fc.property(fc.dictionary(name, value, { minKeys: 1 }), fc.nat(), fc.nat({ max: 255 }), (doc, at, byte) => {
        const bytes = encode(doc)
        expect(() => decode(bytes.subarray(0, at % bytes.length))).toThrow()
        const changed = Buffer.from(bytes)
        changed[at % bytes.length] = byte
        try {
          decode(changed)
        } catch (error) {
          expect((error as { code?: number }).code ?? (error as Error).name).toEqual(expect.anything())
        }
      }),
      { numRuns: 300 },
    )
  })

  test('the order is total: antisymmetric and transitive', () => {
    fc.assert(
      fc.property(stored, stored, stored, (a, b, c) => {
        expect(compare(a, b)).toBe(0 - compare(b, a) || 0)
        const [x, y, z] = [a, b, c].sort(compare)
        expect(compare(x, y)).toBeLessThanOrEqual(0)
        expect(compare(y, z)).toBeLessThanOrEqual(0)
        expect(compare(x, z)).toBeLessThanOrEqual(0)
      }),
      { numRuns: 500 },
    )
  })
})

const holdsDecimal = (one: unknown): boolean =>
  one instanceof Decimal128 || (typeof one === 'object' && one !== null && Object.values(one).some(holdsDecimal))

describe('index keys', () => {
  const bothWays = fc.tuple(fc.boolean(), fc.boolean())

  test('short keys sort as their values do, in every direction', () => {
    // A decimal between two doubles keeps its place by digest only, so exact order is promised for the others.
    const exact = stored.filter(one => !holdsDecimal(one))
    fc.assert(
      fc.property(fc.tuple(exact, exact), fc.tuple(exact, exact), bothWays, (left, right, directions) => {
        const wanted =
          compare(left[0], right[0]) * (directions[0] ? -1 : 1) ||
          compare(left[1], right[1]) * (directions[1] ? -1 : 1) ||
          // Equal either way round: not minus zero.
          0
        const actual = Buffer.compare(makeKey(1, left, directions), makeKey(1, right, directions))
        expect(Math.sign(actual)).toBe(Math.sign(wanted))
      }),
      { numRuns: 500 },
    )
  })

  test('keys and identities are equal exactly when the values are', () => {
    fc.assert(
      fc.property(stored, stored, (a, b) => {
        const same = compare(a, b) === 0
        expect(makeKey(1, [a], [false]).equals(makeKey(1, [b], [false]))).toBe(same)
        expect(identityOf(a) === identityOf(b)).toBe(same)
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    [1, new Double(1), Decimal128.fromString('1.000'), 1n],
    [2n ** 53n + 1n, Decimal128.fromString('9007199254740993')],
    [new Double(0.5), 0.5, Decimal128.fromString('0.50')],
    [0, -0, Decimal128.fromString('-0'), 0n],
  ])('the same number of any kind has one key (%s)', (first, ...others) => {
    for (const other of others) expect(makeKey(1, [other], [false])).toEqual(makeKey(1, [first], [false]))
  })

  test('keys never exceed what LMDB takes, and long texts stay distinct', () => {
    const long = 'x'.repeat(10_000)
    const fields = Array.from({ length: 32 }, () => false)
    expect(
      makeKey(
        1,
        fields.map(() => long),
        fields,
      ).length,
    ).toBeLessThanOrEqual(1970)
    expect(makeKey(1, [`${long}a`], [false]).equals(makeKey(1, [`${long}b`], [false]))).toBe(false)
  })
})
