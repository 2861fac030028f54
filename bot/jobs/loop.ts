import type { Log } from '../../handlers/kernel/services.ts'

export interface LoopOptions<Item> {
  name: string
  /** Items worked on side by side. */
  concurrency: number
  /** How often to look without being woken, in milliseconds of real time. */
  idleMs: number
  /** Take the next due item, or null. */
  claim(): Promise<Item | null>
  work(item: Item): Promise<void>
  log: Log
}

export interface Loop {
  poke(): void
  /** Resolves when nothing is due and nobody works any more, with the number of items worked on meanwhile. */
  settle(): Promise<number>
  stop(): Promise<void>
}

/** Work through a queue in the database: woken by `poke`, and from time to time by itself for what is due or was left behind. */
export function createLoop<Item>(options: LoopOptions<Item>): Loop {
  let stopped = false
  let running = 0
  let again = false
  let worked = 0
  const idle = new Set<() => void>()
  const timer = setInterval(poke, options.idleMs)
  timer.unref()

  async function drain(): Promise<void> {
    for (let taken = 0; !stopped; ) {
      const item = await options.claim()
      if (item === null) return
      taken += 1
      worked += 1
      // One after the other is enough for a trickle; a backlog calls for help.
      if (taken > 1) poke()
      await options.work(item)
    }
  }

  function poke(): void {
    if (stopped) return
    again = true
    if (running >= options.concurrency) return
    running += 1
    again = false
    drain()
      .catch(error =>
        options.log.error({ code: 'loop.failed', loop: options.name, err: String(error) }, 'a worker stopped early'),
      )
      .finally(() => {
        running -= 1
        if (again && !stopped) poke()
        else if (running === 0) {
          for (const resolve of idle) resolve()
          idle.clear()
        }
      })
  }

  return {
    poke,
    async settle() {
      const before = worked
      poke()
      if (running > 0) await new Promise<void>(resolve => idle.add(resolve))
      return worked - before
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      if (running > 0) await new Promise<void>(resolve => idle.add(resolve))
    },
  }
}
