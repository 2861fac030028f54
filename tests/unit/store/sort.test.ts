import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Pace, pause } from '../../../store/query/pace.ts'
import { pausingSort, sortPaced } from '../../../store/query/sort.ts'

type Row = { key: number; place: number }
const byKey = (a: Row, b: Row) => a.key - b.key

function finish(sorting: ReturnType<typeof pausingSort<Row>>): Row[] {
  for (;;) {
    const step = sorting.next()
    if (step.done) return step.value
    expect(step.value).toBe(pause)
  }
}

test('sorting with pauses gives what Array.sort gives, equal rows in their old order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 9000, size: 'max' }), keys => {
      const rows = keys.map((key, place) => ({ key, place }))
      expect(finish(pausingSort(rows, byKey))).toEqual([...rows].sort(byKey))
    }),
    { numRuns: 30 },
  )
})

test('a long sort pauses, and ends when its time is over', async () => {
  const rows = Array.from({ length: 300_000 }, (_, place) => ({ key: (place * 48_271) % 2_147_483_647, place }))
  let pauses = 0
  const sorting = pausingSort(rows, byKey)
  for (let step = sorting.next(); !step.done; step = sorting.next()) pauses++
  expect(pauses).toBeGreaterThan(3)
  await expect(sortPaced(rows, byKey, new Pace(20))).rejects.toMatchObject({ code: 50 })
})
