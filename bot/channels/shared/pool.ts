import { setTimeout as sleep } from 'node:timers/promises'

/** Map with at most `limit` calls under way; results keep the order of the items, the first failure ends it. */
export async function mapLimited<T, R>(items: readonly T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(items.length)
  const queue = items.entries()
  const run = async () => {
    for (const [index, item] of queue) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, run))
  return results
}

/** A gate that lets at most `perSecond` callers through in any one second, by the machine's own clock: it is the platform that counts. */
export function createPacer(perSecond: number): () => Promise<void> {
  const starts: number[] = []
  let turn: Promise<void> = Promise.resolve()
  const pass = async () => {
    const oldest = starts.length >= perSecond ? starts.shift() : undefined
    const waitMs = oldest === undefined ? 0 : oldest + 1000 - performance.now()
    if (waitMs > 0) await sleep(waitMs)
    starts.push(performance.now())
  }
  return () => {
    turn = turn.then(pass)
    return turn
  }
}
