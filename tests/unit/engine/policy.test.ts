import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Query } from 'mingo'
import { canSee, maskPhone, RESOURCES, type Resource, scopeFilter, type Viewer } from '../../../engine/policy/index.ts'

const viewer = (more: Partial<Viewer> = {}): Viewer => ({
  personId: 'me',
  subtreePersonIds: ['me'],
  roles: [],
  isAdmin: false,
  ...more,
})
const OWNED: readonly Resource[] = RESOURCES.filter(resource => resource !== 'todos')

describe('visibility', () => {
  test.each(OWNED)('sales see their own %s and nobody else’s', resource => {
    expect(canSee(viewer(), resource, { ownerId: 'me' })).toBe(true)
    expect(canSee(viewer(), resource, { ownerId: 'other', participantIds: [] })).toBe(false)
  })

  test.each(OWNED)('heads see the %s of their subtree', resource => {
    const head = viewer({ subtreePersonIds: ['me', 'below'] })
    expect(canSee(head, resource, { ownerId: 'below' })).toBe(true)
    expect(canSee(head, resource, { ownerId: 'beside' })).toBe(false)
  })

  test('finance sees all contracts, but not all customers', () => {
    const finance = viewer({ roles: ['财务'] })
    expect(canSee(finance, 'contracts', { ownerId: 'other' })).toBe(true)
    expect(canSee(finance, 'customers', { ownerId: 'other' })).toBe(false)
  })

  test.each<Resource>(['contracts', 'cases'])('approvers see the %s they take part in', resource => {
    expect(canSee(viewer(), resource, { ownerId: 'other', participantIds: ['x', 'me'] })).toBe(true)
  })

  test('taking part in an approval does not open the customer', () => {
    expect(canSee(viewer(), 'customers', { ownerId: 'other', participantIds: ['me'] })).toBe(false)
  })

  test('a to-do is seen by its assignee alone, not even by an admin', () => {
    expect(canSee(viewer(), 'todos', { assigneeId: 'me' })).toBe(true)
    expect(canSee(viewer({ isAdmin: true, subtreePersonIds: ['me', 'below'] }), 'todos', { assigneeId: 'below' })).toBe(false)
  })

  test('administration is no right to see data', () => {
    for (const resource of OWNED) expect(canSee(viewer({ isAdmin: true }), resource, { ownerId: 'other' })).toBe(false)
  })

  test('a record whose owner cannot be told is seen by nobody but those who see all', () => {
    expect(canSee(viewer(), 'leads', {})).toBe(false)
    expect(canSee(viewer(), 'leads', { ownerId: ['me'] })).toBe(false)
  })

  test('lists and single reads agree: the filter selects what canSee allows', () => {
    const person = fc.constantFrom('me', 'below', 'other')
    const viewers = fc.record({
      personId: fc.constant('me'),
      subtreePersonIds: fc.constantFrom(['me'], ['me', 'below']),
      roles: fc.constantFrom([], ['财务']),
      isAdmin: fc.boolean(),
    })
    const records = fc.record(
      { ownerId: fc.oneof(person, fc.array(person)), assigneeId: person, participantIds: fc.oneof(person, fc.array(person)) },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(viewers, fc.constantFrom(...RESOURCES), records, (who, resource, record) => {
        expect(new Query(scopeFilter(who, resource)).test(record)).toBe(canSee(who, resource, record))
      }),
      { numRuns: 500 },
    )
  })
})

describe('masking', () => {
  test.each([
    ['13812345678', '138****5678'],
    ['+86 138-1234-5678', '138****5678'],
    ['023-12345678', '023****5678'],
    ['12345678', '****78'],
    ['110', '****'],
    ['', '****'],
  ])('%s is shown as %s', (phone, masked) => {
    expect(maskPhone(phone)).toBe(masked)
  })
})
