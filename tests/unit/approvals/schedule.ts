/** What one actor did: its result, or the code with which it was refused. */
export type Done = { ok: true; value: unknown } | { ok: false; error: unknown }

interface Actor {
  /** Lets it go on to its next stop. */
  resume: () => void
  done?: Done
}

/**
 * Runs actors one call at a time. Whenever more than one could go on, the schedule says who does; so a run is repeatable, and all
 * schedules can be gone through.
 */
export class Stage {
  readonly #actors: Actor[] = []
  #stopped: () => void = () => undefined

  /** @param work is handed the gate before which it waits for its turn */
  enter(work: (gate: () => Promise<void>) => Promise<unknown>): void {
    const actor: Actor = { resume: () => undefined }
    const gate = () =>
      new Promise<void>(resolve => {
        actor.resume = resolve
        this.#stopped()
      })
    this.#actors.push(actor)
    const begun = gate()
    void begun
      .then(() => work(gate))
      .then(
        value => {
          actor.done = { ok: true, value }
        },
        error => {
          actor.done = { ok: false, error }
        },
      )
      .then(() => this.#stopped())
  }

  /** @param choose which of so many goes on; @returns what became of each actor, in the order they entered */
  async play(choose: (count: number) => number): Promise<Done[]> {
    for (;;) {
      const waiting = this.#actors.filter(({ done }) => done === undefined)
      const next = waiting[waiting.length > 1 ? choose(waiting.length) : 0]
      if (!next) return this.#actors.flatMap(({ done }) => done ?? [])
      await new Promise<void>(resolve => {
        this.#stopped = resolve
        next.resume()
      })
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
