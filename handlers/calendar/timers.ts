import { asAppError, PlatformRefused, PlatformUnreachable } from '../../common/errors.ts'
import { addWorking, usesUnpublishedYear } from '../../engine/calendar/index.ts'
import { leaseOf } from '../../models/kernel/lease.ts'
import type { InSession } from '../../models/kernel/mongo.ts'
import type { TimerDoc, TimerDue } from '../../models/kernel/timers.ts'
import type { Services } from '../kernel/services.ts'
import type { TimerKinds } from '../kernel/timer-kind.ts'

const MAX_ATTEMPTS = 5
const FIRST_RETRY_MS = 2_000
/** Timers counted anew in one go. */
const BATCH = 500

/** A timer to be set. */
export interface TimerRequest {
  /** Follows from what sets it. */
  id: string
  kind: string
  /** `case:<id>` */
  subject: string
  params?: Record<string, string>
  /** Milliseconds. */
  anchorAt: number
  /** Working time after the anchor; 0 fires at the anchor itself. */
  workingSeconds: number
  /** Whose working time it is; nobody: the company's. */
  personIds?: readonly string[]
}

type Counted = Pick<TimerDoc, 'anchorAt' | 'workingSeconds' | 'personIds'>

/** Counts by the calendars as they are now; also whose calendar it is may have changed. */
async function counter(services: Services): Promise<(timer: Counted) => TimerDue> {
  const [calendars, organisation] = await Promise.all([services.calendars.current(), services.organisation.current()])
  return ({ anchorAt, workingSeconds, personIds }) => {
    const time = calendars.ofPeople(organisation, personIds)
    const startAt = anchorAt.getTime()
    const fireAt = addWorking(time, startAt, workingSeconds)
    return {
      calendarId: time.calendar.id,
      calendarRevision: time.calendar.revision,
      fireAt: new Date(fireAt),
      provisional: workingSeconds > 0 && usesUnpublishedYear(time, startAt, fireAt),
    }
  }
}

/**
 * Set timers. One that was set, fired or cancelled under its id before stays as it is.
 *
 * @throws AppError `calendar.beyond_horizon`
 */
export async function setTimers(services: Services, requests: readonly TimerRequest[], options?: InSession): Promise<void> {
  if (requests.length === 0) return
  const dueOf = await counter(services)
  const timers = requests.map(({ id, kind, subject, params = {}, anchorAt, workingSeconds, personIds = [] }) => ({
    _id: id,
    kind,
    subject,
    params,
    anchorAt: new Date(anchorAt),
    workingSeconds,
    personIds: [...personIds],
  }))
  await services.models.timers.set(
    timers.map(timer => ({ ...timer, ...dueOf(timer) })),
    options,
  )
  services.poke('timers')
}

/** Cancel timers that have not fired, also before they are set. */
export async function cancelTimers(services: Services, ids: readonly string[], options?: InSession): Promise<void> {
  await services.models.timers.cancel(ids, new Date(services.clock.now()), options)
}

/** Count open deadlines anew whose calendar changed since. Returns how many. */
export async function recountTimers(services: Services): Promise<number> {
  const { timers } = services.models
  let recounted = 0
  for (;;) {
    const stale = await timers.stale((await services.calendars.current()).revisions(), BATCH)
    const dueOf = await counter(services)
    const changes: Parameters<typeof timers.redate>[0][number][] = []
    for (const timer of stale) {
      try {
        changes.push({ timer, due: dueOf(timer) })
      } catch (error) {
        // One that the new calendar never reaches must not hold up the others.
        const { code, message } = asAppError(error)
        await timers.giveUp(timer, { code, message }, new Date(services.clock.now()))
      }
    }
    await timers.redate(changes)
    recounted += stale.length
    if (stale.length < BATCH) return recounted
  }
}

/**
 * Fire a claimed timer: its kind raises its event, then the row says so. A timer whose calendar changed just now is looked at again and may
 * have more time.
 */
export async function fireTimer(services: Services, kinds: TimerKinds, timer: TimerDoc): Promise<void> {
  const { timers } = services.models
  const lease = leaseOf(timer)
  const now = () => new Date(services.clock.now())
  try {
    if ((await services.models.calendars.revision(timer.calendarId)) !== timer.calendarRevision) {
      services.calendars.forget()
      const due = (await counter(services))(timer)
      if (due.fireAt > now()) {
        await timers.postpone(lease, due)
        return
      }
    }
    const kind = kinds.get(timer.kind)
    if (!kind) throw new Error(`nobody is told about timers of the kind ${timer.kind}`)
    await kind.fire(services, timer)
    await timers.fired(lease, now())
  } catch (error) {
    await retryOrGiveUp(services, timer, error)
  }
}

async function retryOrGiveUp(services: Services, timer: TimerDoc, error: unknown): Promise<void> {
  const failure = asAppError(error)
  const passing = error instanceof PlatformUnreachable || error instanceof PlatformRefused || failure.status >= 500
  const attempts = timer.attempts + 1
  const dead = attempts >= MAX_ATTEMPTS || !passing
  services.log.error({ code: failure.code, timerId: timer._id, attempts, dead, err: String(error) }, 'a timer did not fire')
  await services.models.timers.fail(
    leaseOf(timer),
    { attempts, error: { code: failure.code, message: failure.message } },
    dead ? null : FIRST_RETRY_MS * 2 ** timer.attempts,
    new Date(services.clock.now()),
  )
}
