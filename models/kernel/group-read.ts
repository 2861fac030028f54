import { createGathering, type Settled } from './gathering.ts'

/**
 * Many callers, one question: each asks for the rows under its own key and gets them in the order in which they were found.
 *
 * @param find all rows under any of these keys
 */
export function createGroupRead<Row>(find: (keys: string[]) => Promise<readonly Row[]>, keyOf: (row: Row) => string) {
  return createGathering<string, Row[]>({
    maxBatch: 100,
    async fly(keys) {
      const found = new Map<string, Row[]>(keys.map(key => [key, []]))
      for (const row of await find([...found.keys()])) found.get(keyOf(row))?.push(row)
      return keys.map((key): Settled<Row[]> => ({ ok: true, value: found.get(key) ?? [] }))
    },
  })
}
