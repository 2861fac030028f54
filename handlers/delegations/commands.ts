import { delegationEndInput, delegationSetInput } from '../../common/contract/delegations.ts'
import { ConflictError, DeniedError, InvalidError, NotFoundError } from '../../common/errors.ts'
import type { DelegationDoc } from '../../models/delegations/index.ts'
import { cancelTimers, setTimers } from '../calendar/index.ts'
import { type CommandContext, defineCommand } from '../kernel/command.ts'
import type { Services } from '../kernel/services.ts'
import { notice } from './notice.ts'
import { beginTimer, endedTimer, endTimer, timersOf } from './timers.ts'
import { mayEnd, spanWords } from './view.ts'

const DAY_MS = 86_400_000
const LONGEST_MS = 366 * DAY_MS
/** Clocks of phones are a little behind. */
const PAST_GRACE_MS = 5 * 60_000

function delegationsChanged(services: Services): void {
  services.organisation.forget()
  services.poke('timers')
}

interface Span {
  startsAt: number
  endsAt: number | null
}

function requireSpan({ startsAt, endsAt }: Span, now: number): void {
  if (startsAt < now - PAST_GRACE_MS) throw new InvalidError('delegation.in_the_past', '委托不能从过去的时间开始。')
  if (startsAt > now + LONGEST_MS) throw new InvalidError('delegation.too_far', '委托要在一年之内开始。')
  if (endsAt === null) return
  if (endsAt <= Math.max(startsAt, now)) throw new InvalidError('delegation.ends_before_start', '委托的结束时间要晚于开始时间。')
  if (endsAt - startsAt > LONGEST_MS) throw new InvalidError('delegation.too_long', '一次委托最长一年。')
}

const overlaps = (row: DelegationDoc, { startsAt, endsAt }: Span): boolean =>
  (endsAt === null || row.startsAt.getTime() < endsAt) && (row.endsAt === null || row.endsAt.getTime() > startsAt)

/** Who is away, checked against who may say so. */
async function absentPerson({ services, actor }: CommandContext, fromPersonId: string | undefined): Promise<string> {
  const organisation = await services.organisation.current()
  const from = organisation.person(fromPersonId ?? actor.personId)
  if (!from) throw new NotFoundError('person.unknown', '没有找到这位同事。')
  if (from._id !== actor.personId && !actor.isAdmin) {
    throw new DeniedError('delegation.not_yours', '只能委托自己的审批;替别人设置请联系管理员。')
  }
  return from._id
}

/** 委托: somebody decides in place of a person who is away. One stand-in at a time. */
export const delegationSet = defineCommand({
  name: 'delegations.set',
  title: '委托',
  input: delegationSetInput,
  surfaces: ['chat', 'h5'],
  kind: 'transaction',
  async run(context, { fromPersonId, toPersonId, startsAt = context.now, endsAt, reason }, session) {
    const { services, now } = context
    const { models, time } = services
    const organisation = await services.organisation.current()
    const fromId = await absentPerson(context, fromPersonId)
    const to = organisation.person(toPersonId)
    if (!to) throw new NotFoundError('person.unknown', '没有找到这位同事。')
    if (to._id === fromId) throw new InvalidError('delegation.to_self', '不能委托给本人。')
    if (!to.active) throw new InvalidError('person.inactive', `${to.name} 已不在岗,请委托其他同事。`)
    requireSpan({ startsAt, endsAt }, now)

    // Two at the same moment meet here; the second one sees the first.
    await models.reservations.meet(`delegation:${fromId}`, { session })
    const rival = (await models.delegations.openOf(fromId, { session })).find(row => overlaps(row, { startsAt, endsAt }))
    if (rival) {
      const who = fromPersonId && fromId !== context.actor.personId ? organisation.name(fromId) : '您'
      throw new ConflictError(
        'delegation.exists',
        `${who}已委托 ${organisation.name(rival.toId)} ${spanWords(rival, time, now)}。请先取消它。`,
        { delegationId: rival._id },
      )
    }
    const row: DelegationDoc = {
      _id: context.id('delegation'),
      fromId,
      toId: to._id,
      startsAt: new Date(Math.max(startsAt, now)),
      endsAt: endsAt === null ? null : new Date(endsAt),
      ...(reason && { reason }),
      setById: context.actor.personId,
      createdAt: new Date(now),
      state: 'open',
    }
    await models.delegations.insert(row, { session })
    await setTimers(services, timersOf(row), { session })
    return {
      result: { delegationId: row._id, message: `已委托 ${to.name} 处理审批,${spanWords(row, time, now)}。` },
      subject: `delegation:${row._id}`,
      committed: () => delegationsChanged(services),
    }
  },
})

/** 取消委托: early, also before it began. */
export const delegationEnd = defineCommand({
  name: 'delegations.end',
  title: '取消委托',
  input: delegationEndInput,
  surfaces: ['chat', 'h5'],
  kind: 'transaction',
  async run({ services, actor, now, id }, { delegationId }, session) {
    const { models } = services
    const organisation = await services.organisation.current()
    const row = await models.delegations.byId(delegationId, { session })
    if (!row) throw new NotFoundError('delegation.unknown', '没有找到这个委托。')
    if (!mayEnd(row, actor, organisation)) throw new DeniedError('delegation.not_yours', '只有委托人或管理员可以取消委托。')
    const ended = await models.delegations.end(delegationId, new Date(now), actor.personId, { session })
    if (!ended) throw new ConflictError('delegation.ended', '这个委托已经结束。')
    await cancelTimers(services, [beginTimer(delegationId), endTimer(delegationId)], { session })
    const begun = row.startsAt.getTime() <= now
    if (begun) await setTimers(services, [endedTimer(row, now)], { session })
    const [from, to] = [organisation.name(row.fromId), organisation.name(row.toId)]
    return {
      result: { delegationId, message: `已取消对 ${to} 的委托。` },
      subject: `delegation:${delegationId}`,
      committed: () => delegationsChanged(services),
      messages: begun ? [notice(id('told'), row.toId, `${from} 的审批不再由您代为处理。`)] : [],
    }
  },
})
