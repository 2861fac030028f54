/** What became of one item of a batch. */
export type Settled<Result> = { ok: true; value: Result } | { ok: false; error: unknown }

export interface GatheringOptions<Item, Result> {
  /** One trip to the database for all of them; an outcome for each, in their order. What it throws, every item hears. */
  fly(batch: readonly Item[]): Promise<readonly Settled<Result>[]>
  /** Items per batch. */
  maxBatch?: number
}

/** Batches under way at once: one is being synced to disk while the next is being prepared. */
const MAX_FLYING = 4

interface Waiting<Item, Result> {
  item: Item
  resolve: (value: Result) => void
  reject: (error: unknown) => void
}

/**
 * Many callers, one trip: items gather while a batch is in flight and go out together. Everything that arrives in the same turn of the
 * event loop goes out together; a second batch need not wait for the first. Each caller hears of its own item alone.
 */
export function createGathering<Item, Result>({ fly, maxBatch = 500 }: GatheringOptions<Item, Result>) {
  let waiting: Waiting<Item, Result>[] = []
  let flying = 0
  let gathering = false

  async function send(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const settled = await fly(batch.map(({ item }) => item))
      batch.forEach(({ resolve, reject }, index) => {
        const outcome = settled[index]
        if (outcome?.ok) resolve(outcome.value)
        else reject(outcome?.error)
      })
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  async function take(): Promise<void> {
    flying += 1
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxBatch)
      waiting = waiting.slice(maxBatch)
      await send(batch)
    }
    flying -= 1
  }

  function gather(): void {
    if (gathering || flying >= MAX_FLYING) return
    gathering = true
    setImmediate(() => {
      gathering = false
      void take()
    })
  }

  return (item: Item): Promise<Result> =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      gather()
    })
}
