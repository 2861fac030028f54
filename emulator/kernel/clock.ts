/** Where an emulator reads the time, in milliseconds since 1970; a test hands in its own to travel. */
export interface EmulatorClock {
  now(): number
}

/** The machine's clock. */
export const systemClock: EmulatorClock = { now: () => Date.now() }
