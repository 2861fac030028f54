import { describe, expect, test } from '@jest/globals'
import { createGroupCommit } from '../../../models/kernel/group-commit.ts'

interface Row {
  _id: string
  by: string
}

/** A table whose next answer is lost; `stores` says which documents got there before that. */
function losing(table: Map<string, Row>, stores: (row: Row) => boolean) {
  return createGroupCommit<Row>({
    async insertMany(rows) {
      for (const row of rows) if (stores(row)) table.set(row._id, row)
      throw new Error('the answer was lost')
    },
    existing: async rows => rows.filter(({ _id, by }) => table.get(_id)?.by === by),
  })
}

describe('a batch whose answer is lost', () => {
  test('is read back: what is there is done, what is not there has failed', async () => {
    const insert = losing(new Map(), row => row._id === 'a')
    const outcomes = await Promise.allSettled([insert({ _id: 'a', by: 'me' }), insert({ _id: 'b', by: 'me' })])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  })

  test('a rival’s document under the same id is not taken for one’s own', async () => {
    const insert = losing(new Map([['a', { _id: 'a', by: 'rival' }]]), () => false)
    await expect(insert({ _id: 'a', by: 'me' })).rejects.toThrow('the answer was lost')
  })

  test('of two rivals in one batch only the one that was stored is done', async () => {
    const insert = losing(new Map(), row => row.by === 'first')
    const outcomes = await Promise.allSettled([insert({ _id: 'a', by: 'first' }), insert({ _id: 'a', by: 'second' })])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  })
})
