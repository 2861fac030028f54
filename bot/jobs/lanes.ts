/**
 * Work in one lane is strictly serial; lanes run side by side, up to the slots of their class. A class cannot take another's slots.
 */
export function createLanes<Class extends string>(slots: Readonly<Record<Class, number>>) {
  const tails = new Map<string, Promise<unknown>>()
  const free = new Map<Class, number>(Object.entries(slots) as [Class, number][])
  const waiting = new Map<Class, (() => void)[]>()
  let active = 0
  const idle = new Set<() => void>()

  async function take(kind: Class): Promise<void> {
    const left = free.get(kind) ?? 1
    if (left > 0) {
      free.set(kind, left - 1)
      return
    }
    await new Promise<void>(resolve => waiting.set(kind, [...(waiting.get(kind) ?? []), resolve]))
  }

  function give(kind: Class): void {
    const [next, ...rest] = waiting.get(kind) ?? []
    if (next) {
      waiting.set(kind, rest)
      next()
    } else free.set(kind, (free.get(kind) ?? 0) + 1)
  }

  return {
    run<Result>(kind: Class, lane: string, work: () => Promise<Result>): Promise<Result> {
      active += 1
      const before = tails.get(lane) ?? Promise.resolve()
      const mine = before
        .catch(() => undefined)
        .then(async () => {
          await take(kind)
          try {
            return await work()
          } finally {
            give(kind)
          }
        })
        .finally(() => {
          if (tails.get(lane) === mine) tails.delete(lane)
          active -= 1
          if (active === 0) {
            for (const resolve of idle) resolve()
            idle.clear()
          }
        })
      tails.set(lane, mine)
      return mine
    },

    idle: (): Promise<void> => (active === 0 ? Promise.resolve() : new Promise(resolve => idle.add(resolve))),
  }
}
