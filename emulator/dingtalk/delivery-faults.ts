/** Something that goes wrong with pushes of one kind on their way to the service. */
export interface DeliveryFault {
  about: 'message' | 'card' | 'event'
  /**
   * `duplicate`: comes twice, in two frames. `delay`: comes after `delayMs`. `drop`: never comes. `reorder`: comes after the next one of its kind.
   */
  kind: 'duplicate' | 'delay' | 'drop' | 'reorder'
  /** How many pushes it hits; default 1. */
  times?: number
  /** Real milliseconds. For `reorder`: how long it waits for a next one; default 1 s. */
  delayMs?: number
}

export interface DeliveryFaults {
  add(fault: DeliveryFault): void
  /** The fault that hits a push of this kind, used up by one. */
  take(about: DeliveryFault['about']): DeliveryFault | undefined
  /** Resolves when a push of this kind has gone out, or `ms` real milliseconds have passed. */
  next(about: DeliveryFault['about'], ms: number): Promise<void>
  /** A push of this kind has gone out. */
  sent(about: DeliveryFault['about']): void
  close(): void
}

/** Faults in the order they were given; the first that fits is used until it is spent. */
export function createDeliveryFaults(): DeliveryFaults {
  const book: { fault: DeliveryFault; left: number }[] = []
  const waiting = new Set<{ about: DeliveryFault['about']; go(): void }>()
  const release = (fits: (about: DeliveryFault['about']) => boolean) => {
    for (const waiter of waiting) if (fits(waiter.about)) waiter.go()
  }
  return {
    add: fault => void book.push({ fault, left: fault.times ?? 1 }),
    take(about) {
      const entry = book.find(({ fault, left }) => left > 0 && fault.about === about)
      if (!entry) return undefined
      entry.left -= 1
      return entry.fault
    },
    next: (about, ms) =>
      new Promise(resolve => {
        const timer = setTimeout(() => waiter.go(), ms)
        const waiter = {
          about,
          go() {
            clearTimeout(timer)
            waiting.delete(waiter)
            resolve()
          },
        }
        waiting.add(waiter)
      }),
    sent: about => release(kind => kind === about),
    close: () => release(() => true),
  }
}
