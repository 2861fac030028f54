import { StoreError } from '../errors.ts'

const sliceMs = 10

/** Lets everything else that waits run first. */
export const breathe = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Keeps long work from holding the event loop, and within its time. */
export class Pace {
  /** When the time is over, as `performance.now()` counts. */
  readonly endMs: number
  private sliceStartMs = performance.now()

  /** @param limitMs 0 means no limit */
  constructor(limitMs: number) {
    this.endMs = limitMs > 0 ? performance.now() + limitMs : Number.POSITIVE_INFINITY
  }

  /** Whether it is time to call `rest`. */
  get due(): boolean {
    return performance.now() - this.sliceStartMs > sliceMs
  }

  /** @throws StoreError 50 once the time is over */
  check(): void {
    if (performance.now() > this.endMs) throw new StoreError(50, 'MaxTimeMSExpired', 'operation exceeded time limit')
  }

  /** Lets others run. @throws StoreError 50 once the time is over */
  async rest(): Promise<void> {
    this.check()
    await breathe()
    this.sliceStartMs = performance.now()
  }
}
