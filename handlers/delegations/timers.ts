import { deriveId } from '../../common/ids.ts'
import type { DelegationDoc } from '../../models/delegations/index.ts'
import { askStandIns } from '../approvals/index.ts'
import type { TimerRequest } from '../calendar/index.ts'
import { routes } from '../kernel/links.ts'
import type { Services } from '../kernel/services.ts'
import type { TimerKind } from '../kernel/timer-kind.ts'
import { notice } from './notice.ts'
import { untilWords } from './view.ts'

const KIND = 'delegations'

export const beginTimer = (delegationId: string): string => `delegation:${delegationId}:begin`
export const endTimer = (delegationId: string): string => `delegation:${delegationId}:end`

/** Ended early: what it had changed is changed back at once. */
export const endedTimer = ({ _id }: Pick<DelegationDoc, '_id'>, now: number): TimerRequest => ({
  id: `delegation:${_id}:ended`,
  kind: KIND,
  subject: `delegation:${_id}`,
  params: { delegationId: _id, turn: 'ended' },
  anchorAt: now,
  workingSeconds: 0,
})

/** When it begins and ends people hear of it; these are moments, not working time. */
export function timersOf(row: DelegationDoc): TimerRequest[] {
  const timer = (id: string, moment: Date, turn: 'begin' | 'end'): TimerRequest => ({
    id,
    kind: KIND,
    subject: `delegation:${row._id}`,
    params: { delegationId: row._id, turn },
    anchorAt: moment.getTime(),
    workingSeconds: 0,
  })
  return [timer(beginTimer(row._id), row.startsAt, 'begin'), ...(row.endsAt ? [timer(endTimer(row._id), row.endsAt, 'end')] : [])]
}

async function begin(services: Services, row: DelegationDoc, timerId: string): Promise<void> {
  const organisation = await services.organisation.current()
  const now = services.clock.now()
  const until = untilWords(row.endsAt?.getTime() ?? null, services.time, now)
  const text = `${organisation.name(row.fromId)} 委托您代为处理审批,${until}。${services.links.h5(routes.approvals)}`
  await services.models.outbox.put([notice(deriveId('delegation', timerId), row.toId, text)], new Date(now))
  await askStandIns(services, { personId: row.fromId, byId: row.setById, change: timerId })
}

async function end(services: Services, row: DelegationDoc, timerId: string): Promise<void> {
  const { models, organisation, clock } = services
  const at = new Date(clock.now())
  await models.delegations.end(row._id, at)
  organisation.forget()
  const people = await organisation.current()
  await models.outbox.put(
    [
      notice(deriveId('delegation', timerId, 'to'), row.toId, `${people.name(row.fromId)} 的委托已到期,审批不再由您代为处理。`),
      notice(
        deriveId('delegation', timerId, 'from'),
        row.fromId,
        `您对 ${people.name(row.toId)} 的委托已到期,审批由您自己处理。`,
      ),
    ],
    at,
  )
  await askStandIns(services, { personId: row.fromId, byId: row.setById, change: timerId })
}

/** A delegation begins or ends. Cancelled ones have no timers left. */
export const delegationTimers: TimerKind = {
  name: KIND,
  async fire(services, timer) {
    const row = await services.models.delegations.byId(timer.params.delegationId ?? '')
    if (!row) return
    if (timer.params.turn === 'begin' && row.state === 'open') await begin(services, row, timer._id)
    if (timer.params.turn === 'end') await end(services, row, timer._id)
    if (timer.params.turn === 'ended') {
      await askStandIns(services, { personId: row.fromId, byId: row.setById, change: timer._id })
    }
    services.poke('outbox')
  },
}
