import type { OutboxDoc } from '../../models/kernel/outbox.ts'
import { preferredAccount } from './paint.ts'
import { quietUntil } from './quiet-hours.ts'
import type { Services } from './services.ts'

/** Near the end of a platform's month notices wait, gather into digests, and are looked at again. */
const SCARCE_MS = 3_600_000
/** A message of low urgency waits so long for others to the same reader. */
const COMPANY_MS = 30 * 60_000

/** Why a message is not sent now, as what to write into its row; null: it may go. */
export async function holdBack(services: Services, message: OutboxDoc): Promise<Partial<OutboxDoc> | null> {
  const now = services.clock.now()
  const later = (nextAt: number, waits: NonNullable<OutboxDoc['waits']>) =>
    ({ nextAt: new Date(nextAt), waits }) satisfies Partial<OutboxDoc>

  if (message.expiresAt && message.expiresAt.getTime() <= now) return { status: 'expired' }
  if (message.mergeKey) {
    const newer = await services.models.outbox.newerOf(message)
    if (newer) return { status: 'merged', into: newer._id }
  }
  if (message.lane === 'prompt') return null
  const quietEnds = await endOfQuiet(services, message, now)
  if (quietEnds !== null) return later(quietEnds, 'quiet')
  if (await isScarce(services, message)) return later(now + SCARCE_MS, 'budget')
  const alone = message.createdAt.getTime() + COMPANY_MS
  if (message.urgency === 'low' && now < alone && (await services.models.outbox.countWaitingWith(message)) === 0)
    return later(alone, 'company')
  return null
}

async function endOfQuiet(services: Services, message: OutboxDoc, now: number): Promise<number | null> {
  const own = 'personId' in message.to ? await services.models.noticePreferences.quietOf(message.to.personId) : undefined
  const quiet = own === undefined ? await services.quietHours() : own
  return quiet && quietUntil(now, quiet, services.time)
}

/** Would the platform that this goes to rather keep its last calls for answers and decisions? */
async function isScarce(services: Services, { to }: OutboxDoc): Promise<boolean> {
  if ('mobile' in to) return false
  const person = 'personId' in to ? await services.models.people.byId(to.personId) : null
  const platform = 'platform' in to ? to.platform : person && preferredAccount(services, person)?.platform
  return platform ? services.channels.get(platform)?.mayCall?.('notice') === false : false
}
