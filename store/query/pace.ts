import { StoreError } from '../errors.ts'

const sliceMs = 10

/** In a stream of rows: a place where the reader may let others run. */
export const pause = Symbol('pause')

/** Lets everything else that waits run first. */
export const breathe = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

const timeIsOver = () => new StoreError(50, 'MaxTimeMSExpired', 'operation exceeded time limit')

/** Keeps long work from holding the event loop, and within its time. */
export class Pace {
  /** When the time is over, as `performance.now()` counts. */
  readonly endMs: number
  private sliceStartMs = performance.now()

  /** @param limitMs 0 means no limit, below 0 that there is no time left */
  constructor(limitMs: number) {
    this.endMs = limitMs === 0 ? Number.POSITIVE_INFINITY : performance.now() + limitMs
  }

  /** Whether it is time to call `rest`. */
  get due(): boolean {
    return performance.now() - this.sliceStartMs > sliceMs
  }

  /** @throws StoreError 50 once the time is over */
  check(): void {
    if (performance.now() >= this.endMs) throw timeIsOver()
  }

  /** Lets others run. @throws StoreError 50 once the time is over */
  async rest(): Promise<void> {
    this.check()
    await breathe()
    this.sliceStartMs = performance.now()
  }
}
