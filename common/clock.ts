/** Time is handed in. Milliseconds since the epoch. */
export interface Clock {
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }

/** A clock that tests and `TEST_CLOCK` move forward; it keeps ticking in between. */
export class ShiftedClock implements Clock {
  #shiftMs = 0
  readonly #base: Clock

  constructor(base: Clock = systemClock) {
    this.#base = base
  }

  now(): number {
    return this.#base.now() + this.#shiftMs
  }

  /** @param ms how far to jump, in milliseconds; never backwards */
  advance(ms: number): void {
    if (!Number.isSafeInteger(ms) || ms < 0) throw new RangeError('a clock moves forward by whole milliseconds')
    this.#shiftMs += ms
  }
}
