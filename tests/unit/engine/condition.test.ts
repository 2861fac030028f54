import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Query } from 'mingo'
import {
  type Condition,
  checkCondition,
  condition,
  evaluate,
  explain,
  type FieldTypes,
  toFilter,
} from '../../../engine/condition/index.ts'

const env = { me: 'u1', now: 1_000 }

const fields: FieldTypes = {
  amountMinor: { type: 'money', label: '金额' },
  type: {
    type: 'enum',
    label: '类型',
    options: [
      { value: 'line', label: '专线' },
      { value: 'other', label: '其他' },
    ],
  },
  ownerId: { type: 'person', label: '负责人' },
  memberIds: { type: 'personList', label: '成员' },
  urgent: { type: 'boolean', label: '加急' },
  dueAt: { type: 'date', label: '到期' },
  title: { type: 'string', label: '标题' },
}

const overLimit: Condition = { field: 'amountMinor', op: 'gt', value: 50_000_000 }
const undecidable = (field: string, why: string) => ({ undecidable: { field, why } })

describe('evaluating', () => {
  test.each<[string, Condition, object, boolean]>([
    ['an amount at the limit is not above it', overLimit, { amountMinor: 50_000_000 }, false],
    ['one 分 more is', overLimit, { amountMinor: 50_000_001 }, true],
    ['a value in the list', { field: 'type', op: 'in', value: ['line'] }, { type: 'line' }, true],
    ['a value not in the list', { field: 'type', op: 'nin', value: ['line'] }, { type: 'other' }, true],
    ['me is the person who asks', { field: 'ownerId', op: 'eq', value: { ref: 'me' } }, { ownerId: 'u1' }, true],
    ['now is handed in', { field: 'dueAt', op: 'lte', value: { ref: 'now' } }, { dueAt: 1_000 }, true],
    ['a list contains a person', { field: 'memberIds', op: 'contains', value: { ref: 'me' } }, { memberIds: ['u2', 'u1'] }, true],
    ['an empty list contains nobody', { field: 'memberIds', op: 'contains', value: 'u1' }, { memberIds: [] }, false],
    ['a field inside an object', { field: 'form.amountMinor', op: 'gte', value: 5 }, { form: { amountMinor: 5 } }, true],
    ['null is as good as missing', { field: 'title', op: 'exists', value: true }, { title: null }, false],
    ['no part at all is true for all', { all: [] }, {}, true],
    ['no part at all is false for any', { any: [] }, {}, false],
  ])('%s', (_, question, record, verdict) => {
    expect(evaluate(question, record, env)).toBe(verdict)
  })

  test.each<[string, Condition, object, object]>([
    ['a missing value is not false', overLimit, {}, undecidable('amountMinor', 'missing')],
    ['nor is its negation true', { not: overLimit }, { amountMinor: null }, undecidable('amountMinor', 'missing')],
    ['a text is not a number', overLimit, { amountMinor: '60000000' }, undecidable('amountMinor', 'mistyped')],
    [
      'a list is not a person',
      { field: 'ownerId', op: 'ne', value: 'u1' },
      { ownerId: ['u1'] },
      undecidable('ownerId', 'mistyped'),
    ],
    [
      'a person is not a list',
      { field: 'memberIds', op: 'contains', value: 'u1' },
      { memberIds: 'u1' },
      undecidable('memberIds', 'mistyped'),
    ],
    [
      'a path through a list has no value',
      { field: 'a.b', op: 'exists', value: false },
      { a: [{ b: 1 }] },
      undecidable('a.b', 'mistyped'),
    ],
    [
      'an inherited property is no field',
      { field: 'constructor', op: 'eq', value: 'x' },
      {},
      undecidable('constructor', 'missing'),
    ],
  ])('%s', (_, question, record, verdict) => {
    expect(evaluate(question, record, env)).toEqual(verdict)
  })

  test('one true part settles "any" and one false part settles "all", whatever cannot be decided', () => {
    const yes: Condition = { field: 'urgent', op: 'eq', value: true }
    const record = { urgent: true }
    expect(evaluate({ any: [overLimit, yes] }, record, env)).toBe(true)
    expect(evaluate({ all: [overLimit, { not: yes }] }, record, env)).toBe(false)
    expect(evaluate({ all: [overLimit, yes] }, record, env)).toEqual(undecidable('amountMinor', 'missing'))
    expect(evaluate({ any: [{ not: yes }, overLimit] }, record, env)).toEqual(undecidable('amountMinor', 'missing'))
  })
})

describe('the MongoDB filter', () => {
  const field = fc.constantFrom('a', 'b', 'c.d', 'c')
  const scalar = fc.oneof(
    fc.constantFrom('', 'u1', 'x'),
    fc.integer({ min: -2, max: 2 }),
    fc.constantFrom(0.5, 1_000),
    fc.boolean(),
  )
  const json = fc.oneof(
    { weight: 5, arbitrary: scalar },
    fc.constant(null),
    fc.array(fc.oneof(scalar, fc.constant(null)), { maxLength: 3 }),
    fc.record(
      { d: fc.oneof(scalar, fc.constant(null), fc.array(scalar, { maxLength: 2 })) },
      { requiredKeys: [], noNullPrototype: true },
    ),
    fc.array(fc.record({ d: scalar }, { noNullPrototype: true }), { maxLength: 2 }),
  )
  const record = fc.record({ a: json, b: json, c: json }, { requiredKeys: [], noNullPrototype: true })
  const comparison: fc.Arbitrary<Condition> = fc.oneof(
    fc.record({ field, op: fc.constantFrom('eq', 'ne'), value: fc.oneof(scalar, fc.constant({ ref: 'me' } as const)) }),
    fc.record({
      field,
      op: fc.constantFrom('gt', 'gte', 'lt', 'lte'),
      value: fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constant({ ref: 'now' } as const)),
    }),
    fc.record({
      field,
      op: fc.constantFrom('in', 'nin'),
      value: fc.oneof(
        fc.array(fc.constantFrom('', 'u1', 'x'), { minLength: 1, maxLength: 3 }),
        fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 1, maxLength: 3 }),
      ),
    }),
    fc.record({ field, op: fc.constant('exists'), value: fc.boolean() }),
    fc.record({
      field,
      op: fc.constant('contains'),
      value: fc.oneof(fc.constantFrom('u1', 'x'), fc.constant({ ref: 'me' } as const)),
    }),
  )
  const { question } = fc.letrec<{ question: Condition }>(tie => ({
    question: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      comparison,
      fc.record({ not: tie('question') }),
      fc.record({ all: fc.array(tie('question'), { maxLength: 3 }) }),
      fc.record({ any: fc.array(tie('question'), { maxLength: 3 }) }),
    ),
  }))

  test('selects exactly the records for which the condition is true', () => {
    fc.assert(
      fc.property(question, record, (asked, data) => {
        expect(new Query(toFilter(asked, env)).test(data)).toBe(evaluate(asked, data, env) === true)
      }),
      { numRuns: 3_000 },
    )
  })

  test('a condition and its negation together leave out exactly what cannot be decided', () => {
    fc.assert(
      fc.property(question, record, (asked, data) => {
        const neither = new Query({ $nor: [toFilter(asked, env), toFilter({ not: asked }, env)] })
        expect(neither.test(data)).toBe(typeof evaluate(asked, data, env) !== 'boolean')
      }),
      { numRuns: 1_000 },
    )
  })

  test('every condition survives storing and parsing', () => {
    fc.assert(
      fc.property(question, asked => {
        expect(condition.parse(JSON.parse(JSON.stringify(asked)))).toEqual(JSON.parse(JSON.stringify(asked)))
      }),
    )
  })

  test('a scalar comparison stays one plain clause that an index can serve', () => {
    expect(toFilter({ field: 'ownerId', op: 'in', value: ['u1', 'u2'] }, env)).toEqual({
      ownerId: { $in: ['u1', 'u2'], $not: { $type: 'array' } },
    })
  })
})

describe('parsing hostile input', () => {
  const nested = (depth: number): unknown => {
    let asked: unknown = overLimit
    for (let level = 0; level < depth; level += 1) asked = { not: asked }
    return asked
  }

  test.each<[string, unknown]>([
    ['an operator of the database', { field: 'a', op: '$where', value: '1' }],
    ['a field that begins with $', { field: '$where', op: 'eq', value: '1' }],
    ['a field of the prototype', { field: '__proto__.x', op: 'eq', value: '1' }],
    ['an operator object as value', { field: 'a', op: 'eq', value: { $gt: '' } }],
    ['an unknown key beside the known ones', { ...overLimit, $where: '1' }],
    ['texts put in order', { field: 'a', op: 'gt', value: 'b' }],
    ['an empty list', { field: 'a', op: 'in', value: [] }],
    ['a list of mixed kinds', { field: 'a', op: 'in', value: ['a', 1] }],
    ['an unknown reference', { field: 'a', op: 'eq', value: { ref: 'you' } }],
    ['no number', { field: 'a', op: 'gt', value: Number.NaN }],
    ['a hundred thousand levels', nested(100_000)],
    ['a thousand parts', { all: Array.from({ length: 1_000 }, () => overLimit) }],
    ['nothing', null],
  ])('%s is refused', (_, input) => {
    expect(condition.safeParse(input).success).toBe(false)
  })

  test('sixteen levels are accepted', () => {
    expect(condition.safeParse(nested(16)).success).toBe(true)
    expect(condition.safeParse(nested(17)).success).toBe(false)
  })
})

describe('checking against the fields', () => {
  test.each<[string, Condition, string, string]>([
    ['an unknown field', { field: 'colour', op: 'eq', value: 'red' }, 'field', 'condition.unknown_field'],
    ['a field of every object', { field: 'toString', op: 'eq', value: 'red' }, 'field', 'condition.unknown_field'],
    ['an order of persons', { field: 'ownerId', op: 'gt', value: 1 }, 'op', 'condition.op_not_for_type'],
    ['equality of a list', { field: 'memberIds', op: 'eq', value: 'u1' }, 'op', 'condition.op_not_for_type'],
    ['an amount with parts of a 分', { field: 'amountMinor', op: 'gt', value: 0.5 }, 'value', 'condition.value_not_for_type'],
    ['an amount as text', { field: 'amountMinor', op: 'eq', value: '5' }, 'value', 'condition.value_not_for_type'],
    [
      'an amount compared with now',
      { field: 'amountMinor', op: 'gt', value: { ref: 'now' } },
      'value',
      'condition.value_not_for_type',
    ],
    ['an option that is not offered', { field: 'type', op: 'in', value: ['line', 'x'] }, 'value', 'condition.unknown_option'],
  ])('%s is a fault', (_, asked, path, code) => {
    expect(checkCondition(asked, fields)).toMatchObject([{ path, code }])
  })

  test('every fault is told with its path', () => {
    const asked: Condition = { all: [overLimit, { any: [{ not: { field: 'x', op: 'exists', value: true } }] }] }
    expect(checkCondition(asked, fields, 'when').map(({ path }) => path)).toEqual(['when.all.1.any.0.not.field'])
  })
})

describe('explaining', () => {
  const record = {
    amountMinor: 62_000_000,
    type: 'line',
    memberIds: ['u1', 'u2'],
    urgent: false,
    ownerId: 'u1',
    dueAt: Date.UTC(2026, 10, 21, 6, 3),
  }
  const nameOf = (id: string) => ({ u1: '王敏', u2: '李明' })[id] ?? id

  test.each<[Condition, string]>([
    [overLimit, '金额 620,000.00 > 500,000.00'],
    [{ not: overLimit }, '金额 620,000.00 > 500,000.00'],
    [{ field: 'amountMinor', op: 'lte', value: 100 }, '金额 620,000.00 > 1.00'],
    [{ field: 'type', op: 'in', value: ['line'] }, '类型 专线'],
    [{ field: 'type', op: 'nin', value: ['other'] }, '类型 专线 不属于 其他'],
    [{ field: 'type', op: 'eq', value: 'other' }, '类型 专线 ≠ 其他'],
    [{ field: 'ownerId', op: 'eq', value: { ref: 'me' } }, '负责人 王敏'],
    [{ field: 'memberIds', op: 'contains', value: 'u2' }, '成员 含 李明'],
    [{ field: 'urgent', op: 'eq', value: false }, '加急 否'],
    [{ field: 'dueAt', op: 'gt', value: 0 }, '到期 2026-11-21 14:03 > 1970-01-01 08:00'],
    [{ field: 'title', op: 'exists', value: false }, '标题 未填写'],
    [{ field: 'title', op: 'eq', value: 'x' }, '标题 未填写,无法判断'],
    [{ all: [overLimit, { field: 'type', op: 'eq', value: 'line' }] }, '金额 620,000.00 > 500,000.00 且 类型 专线'],
    [{ any: [{ field: 'title', op: 'eq', value: 'x' }, overLimit] }, '金额 620,000.00 > 500,000.00'],
    [{ all: [{ field: 'title', op: 'eq', value: 'x' }, overLimit] }, '标题 未填写,无法判断'],
  ])('%j → %s', (asked, sentence) => {
    expect(explain(asked, record, fields, { ...env, nameOf })).toBe(sentence)
  })

  test('a false comparison tells what is true instead', () => {
    expect(explain(overLimit, { amountMinor: 50_000_000 }, fields, env)).toBe('金额 500,000.00 ≤ 500,000.00')
  })

  test('a long text is cut between characters', () => {
    const asked: Condition = { field: 'title', op: 'ne', value: 'x' }
    expect(explain(asked, { title: '😀'.repeat(100) }, fields, env)).toBe(`标题 ${'😀'.repeat(40)}… ≠ x`)
  })

  test('a mistyped value is never shown', () => {
    expect(explain(overLimit, { amountMinor: '<b>x</b>' }, fields, env)).toBe('金额 填写有误,无法判断')
  })
})
