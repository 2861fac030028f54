import { fireTimer, prepareCalendars, recountTimers } from '../../handlers/calendar/index.ts'
import type { Catalogue } from '../../handlers/catalogue.ts'
import type { Services } from '../../handlers/kernel/services.ts'
import { leaseOf } from '../../models/kernel/lease.ts'
import type { TimerDoc } from '../../models/kernel/timers.ts'
import { createLanes } from './lanes.ts'
import { createLoop, type Loop } from './loop.ts'
import { whileRenewing } from './renewing.ts'

/** How late a timer may be, in milliseconds of real time, when nothing else wakes the loop. */
const IDLE_MS = 500
/** Of the database's time, and renewed while it is being fired; what a dead process had is soon fired by another. */
const LEASE_MS = 5_000
/** How often deadlines are looked at whose calendar another process changed. */
const RECOUNT_MS = 5_000
const SLOTS = 8

/** Fire what is due, in the order in which it falls due for each subject; count deadlines anew when a calendar changed. */
export function createTimerWork(services: Services, catalogue: Catalogue, processId: string): Loop {
  const { timers } = services.models
  const lanes = createLanes({ timer: SLOTS })
  let prepared: Promise<void> | null = null
  let recountedAt = 0
  let last: Promise<unknown> = Promise.resolve()

  /** Also after a first attempt that failed: without its calendar nothing may fire. */
  function prepare(): Promise<void> {
    prepared ??= prepareCalendars(services).catch(error => {
      prepared = null
      throw error
    })
    return prepared
  }

  async function claim(): Promise<TimerDoc | null> {
    await prepare()
    if (Date.now() - recountedAt >= RECOUNT_MS) {
      recountedAt = Date.now()
      await recountTimers(services)
    }
    return timers.claim(processId, new Date(services.clock.now()), LEASE_MS)
  }

  const loop = createLoop<TimerDoc>({
    name: 'timers',
    concurrency: SLOTS,
    idleMs: IDLE_MS,
    // One claim after the other, so that a subject's lane gets them in order.
    claim() {
      const mine = last.then(claim, claim)
      last = mine.catch(() => undefined)
      return mine
    },
    work: timer =>
      whileRenewing(
        () => timers.renew(leaseOf(timer), LEASE_MS),
        () => lanes.run('timer', timer.subject, () => fireTimer(services, catalogue.timerKinds, timer)),
      ),
    log: services.log,
  })

  return {
    ...loop,
    poke() {
      recountedAt = 0
      loop.poke()
    },
  }
}
