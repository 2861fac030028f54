/** One injected failure of an API path. */
export interface Fault {
  /** A full path, or its end (`/message/send`). */
  path: string
  /** How many calls it hits; default 1. */
  times?: number
  /** Answer HTTP 200 with this `errcode` (WeCom and DingTalk's old API). */
  errcode?: number
  /** Answer this HTTP status; with `code` the body is DingTalk's new error shape. */
  httpStatus?: number
  /** DingTalk's new error code; HTTP 400 unless `httpStatus` says otherwise. */
  code?: string
  /** Wait this long, in real milliseconds, before anything else happens. */
  delayMs?: number
  /** Destroy the connection: before the call is applied (`true`, `'before'`) or after it (`'after'`). */
  drop?: boolean | 'before' | 'after'
  /** The same as `drop: 'after'`: the call takes effect, its answer is lost. */
  closeAfterApply?: boolean
}

export interface FaultBook {
  add(fault: Fault): void
  /** The fault that hits a call of this path, used up by one. */
  take(path: string): Fault | undefined
}

/** Faults in the order they were given; the first that fits a path is used until it is spent. */
export function createFaultBook(initial: readonly Fault[] = []): FaultBook {
  const book: { fault: Fault; left: number }[] = []
  const add = (fault: Fault) => void book.push({ fault, left: fault.times ?? 1 })
  initial.forEach(add)
  return {
    add,
    take(path) {
      const entry = book.find(({ fault, left }) => left > 0 && (path === fault.path || path.endsWith(fault.path)))
      if (!entry) return undefined
      entry.left -= 1
      return entry.fault
    },
  }
}

/** Whether the connection is destroyed, and when. */
export function dropOf(fault: Fault | undefined): 'before' | 'after' | undefined {
  if (!fault) return undefined
  if (fault.closeAfterApply || fault.drop === 'after') return 'after'
  return fault.drop ? 'before' : undefined
}
