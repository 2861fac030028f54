/** What one actor did: its result, or the code with which it was refused. */
export type Done = { ok: true; value: unknown } | { ok: false; error: unknown }

interface Actor {
  /** Calls that wait for their turn, in the order in which they were made; each goes on when it is let. */
  waiting: (() => void)[]
  done?: Done
}

/** Everything that can go on without a turn has gone on. */
const quiet = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/**
 * Runs actors one call at a time. Whenever more than one could go on, the schedule says who does; so a run is repeatable, and all
 * schedules can be gone through.
 */
export class Stage {
  readonly #actors: Actor[] = []

  /** @param work is handed the gate before which it waits for its turn */
  enter(work: (gate: () => Promise<void>) => Promise<unknown>): void {
    const actor: Actor = { waiting: [] }
    const gate = () => new Promise<void>(resolve => actor.waiting.push(resolve))
    this.#actors.push(actor)
    void gate()
      .then(() => work(gate))
      .then(
        value => {
          actor.done = { ok: true, value }
        },
        error => {
          actor.done = { ok: false, error }
        },
      )
  }

  /** @param choose which of so many goes on; @returns what became of each actor, in the order they entered */
  async play(choose: (count: number) => number): Promise<Done[]> {
    for (;;) {
      const ready = this.#actors.filter(({ waiting }) => waiting.length > 0)
      const next = ready[ready.length > 1 ? choose(ready.length) : 0]
      if (!next) return this.#actors.flatMap(({ done }) => done ?? [])
      next.waiting.shift()?.()
      await quiet()
    }
  }
}

/**
 * Calls `run` once for each way to choose at its first `depth` choices; later ones take the first. @returns how many there were
 */
export async function everySchedule(depth: number, run: (choose: (count: number) => number) => Promise<void>): Promise<number> {
  let path: { taken: number; of: number }[] = []
  for (let runs = 1; ; runs += 1) {
    const taken: { taken: number; of: number }[] = []
    await run(count => {
      if (taken.length >= depth) return 0
      const choice = path[taken.length]?.taken ?? 0
      taken.push({ taken: choice, of: count })
      return choice
    })
    const turn = taken.findLastIndex(choice => choice.taken + 1 < choice.of)
    if (turn < 0) return runs
    path = taken.slice(0, turn + 1).map((choice, index) => (index === turn ? { ...choice, taken: choice.taken + 1 } : choice))
  }
}
