import type { DelegationView } from '../../common/contract/delegations.ts'
import type { LocalTime } from '../../common/time.ts'
import type { Viewer } from '../../engine/policy/index.ts'
import type { DelegationDoc } from '../../models/delegations/index.ts'
import type { Organisation } from '../people/organisation.ts'

/** The absent person and the admin may end it; the stand-in may not leave work with nobody. */
export const mayEnd = (row: DelegationDoc, viewer: Viewer, organisation: Organisation): boolean =>
  viewer.isAdmin || organisation.ref(row.fromId).id === viewer.personId

export function delegationView(row: DelegationDoc, organisation: Organisation, viewer: Viewer, now: number): DelegationView {
  return {
    id: row._id,
    from: organisation.ref(row.fromId),
    to: organisation.ref(row.toId),
    startsAt: row.startsAt.getTime(),
    endsAt: row.endsAt?.getTime() ?? null,
    state: stateOf(row, now),
    ...(row.reason && { reason: row.reason }),
    setBy: organisation.ref(row.setById),
    ...(row.endedAt && { endedAt: row.endedAt.getTime() }),
    can: { end: stateOf(row, now) !== 'ended' && mayEnd(row, viewer, organisation) },
  }
}

function stateOf(row: DelegationDoc, now: number): DelegationView['state'] {
  if (row.state === 'ended' || (row.endsAt !== null && row.endsAt.getTime() <= now)) return 'ended'
  return row.startsAt.getTime() > now ? 'coming' : 'active'
}

/** `到 11-27 周五(含)` for one that ends with that day, else `到 11-27 14:00`. */
export function untilWords(endsAt: number | null, time: LocalTime, now: number): string {
  if (endsAt === null) return '直到取消'
  return time.startOfDay(endsAt) === endsAt ? `到 ${time.weekday(endsAt - 1, now)}(含)` : `到 ${time.stamp(endsAt, now)}`
}

/** `从 11-24 周二 到 11-27 周五(含)`; what has begun has no beginning to tell. */
export function spanWords(row: Pick<DelegationDoc, 'startsAt' | 'endsAt'>, time: LocalTime, now: number): string {
  const startsAt = row.startsAt.getTime()
  const begins = time.startOfDay(startsAt) === startsAt ? time.weekday(startsAt, now) : time.stamp(startsAt, now)
  const until = untilWords(row.endsAt?.getTime() ?? null, time, now)
  return startsAt > now ? `从 ${begins} ${until}` : until
}
