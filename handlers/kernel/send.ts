import { AppError, asAppError, PlatformUnreachable } from '../../common/errors.ts'
import { deriveId } from '../../common/ids.ts'
import { leaseOf } from '../../models/kernel/lease.ts'
import type { OutboxDoc } from '../../models/kernel/outbox.ts'
import { DIGEST_FROM, DIGEST_MOST, digestText } from './digest.ts'
import { holdBack } from './hold-back.ts'
import { insist } from './insist.ts'
import { routes } from './links.ts'
import { preferredAccount } from './paint.ts'
import type { Channel, Recipient } from './ports.ts'
import { retryAfterMs } from './retry.ts'
import type { Services } from './services.ts'
import { sendShortMessage, shortMessageFor } from './short-message.ts'

/** Of the database's time, and renewed while the platform is asked: what a dead process held is soon taken up. */
export const SEND_LEASE_MS = 5_000

interface Address {
  channel: Channel
  to: Recipient
}

/** What became of it; `null`: the message went to another process. */
type Outcome = Partial<OutboxDoc> | null

async function addressOf(services: Services, message: OutboxDoc): Promise<Address> {
  const { to } = message
  if ('personId' in to) {
    const person = await services.models.people.byId(to.personId)
    const account = person && preferredAccount(services, person)
    const channel = account && services.channels.get(account.platform)
    if (!account || !channel) throw new AppError('person.no_channel', '收件人没有可用的账号。', { status: 400 })
    return { channel, to: { kind: 'person', userId: account.userId } }
  }
  const channel = services.channels.get(to.platform)
  if (!channel) throw new AppError('channel.not_running', '这个平台没有接入。', { status: 400 })
  return { channel, to: 'groupId' in to ? { kind: 'group', conversationId: to.groupId } : { kind: 'person', userId: to.userId } }
}

/**
 * Send one queued text, with the other notices that wait for the same reader. Texts are at-most-once: what may have gone out is recorded as
 * `unknown` and not repeated; only what the platform surely did not take is tried again.
 */
export async function send(services: Services, message: OutboxDoc): Promise<void> {
  const { outbox } = services.models
  const lease = leaseOf(message)
  const held = await holdBack(services, message)
  if (held) {
    await outbox.settle(lease, held)
    return
  }
  const outcome = await handOver(services, message).catch((error: unknown) => failureOf(services, message, error))
  if (!outcome) return
  await insist(() => outbox.settle(lease, outcome, outcome.waits ? [] : ['waits']))
  if (message.lane === 'patient') await insist(() => outbox.settleGathered(message, sharedOutcome(message, outcome)))
  if (outcome.status === 'dead' || outcome.status === 'not_reached') await fallBack(services, message)
}

/** What a message's company shares of its fate. */
function sharedOutcome(
  message: OutboxDoc,
  { attempts: _own, text: _words, messageId: _id, ...outcome }: Partial<OutboxDoc>,
): Partial<OutboxDoc> {
  if (outcome.status === 'sent') return { ...outcome, status: 'merged', into: message._id }
  return outcome.status === 'queued' ? { ...outcome, into: null } : outcome
}

/** Give the text to the platform, or put it off while this person has had enough for a minute. */
async function handOver(services: Services, message: OutboxDoc): Promise<Outcome> {
  if ('mobile' in message.to) return sendShortMessage(services, message, message.to)
  const { outbox } = services.models
  const { channel, to } = await addressOf(services, message)
  if (to.kind === 'person') {
    const claimId = `${message._id}:${message.fence}`
    const waitMs = await services.governor.take(channel, to.userId, message.urgency, claimId)
    if (waitMs > 0) {
      const nextAt = new Date(services.clock.now() + waitMs)
      return { status: 'queued', waits: 'budget', nextAt }
    }
  }
  const company = await gather(services, message)
  if (!(await outbox.onItsWay(leaseOf(message), channel.platform))) return null
  if (company.length > 0) await outbox.gatheredOnTheirWay(message)
  const text = company.length > 0 ? digestText([...company, message].sort(byAge), services.links.h5(routes.todos)) : message.text
  const replyTo = message.replyTo?.platform === channel.platform ? message.replyTo.token : undefined
  const receipt = await channel.sendText(to, text, replyTo ? { replyTo } : {})
  const status = receipt.notReached ? 'not_reached' : 'sent'
  services.meter.sent(channel.platform, company.length > 0 ? 'digest' : 'text', status)
  return {
    status,
    sentAt: new Date(services.clock.now()),
    ...(message.secret && { text: '(链接已发送,不再保存)' }),
    ...(receipt.messageId && { messageId: receipt.messageId }),
  }
}

const byAge = (a: OutboxDoc, b: OutboxDoc): number => a.createdAt.getTime() - b.createdAt.getTime()

async function gather({ models }: Services, message: OutboxDoc): Promise<OutboxDoc[]> {
  if (message.lane !== 'patient' || message.secret) return []
  const waiting = await models.outbox.countWaitingWith(message)
  return waiting + 1 >= DIGEST_FROM ? models.outbox.gather(message, SEND_LEASE_MS, DIGEST_MOST) : []
}

/** A failure of ours before the hand-over, like a refusal that asks for patience, is tried again; a lost answer is not. */
function failureOf(services: Services, message: OutboxDoc, thrown: unknown): Partial<OutboxDoc> {
  const failure = asAppError(thrown)
  const error = { code: failure.code, message: failure.message }
  services.log.warn(
    { code: failure.code, messageId: message._id, err: thrown instanceof Error ? thrown.message : '' },
    'a message was not sent',
  )
  const platform = message.platform ?? ('platform' in message.to ? message.to.platform : 'none')
  const attempts = message.attempts + 1
  if (thrown instanceof PlatformUnreachable && thrown.applied === 'unknown') {
    services.meter.sent(platform, 'text', 'unknown')
    return { status: 'unknown', attempts, error }
  }
  const waitMs = retryAfterMs(thrown, failure, attempts)
  if (waitMs === null) {
    services.meter.sent(platform, 'text', 'dead')
    return { status: 'dead', attempts, error }
  }
  services.meter.retried('outbox')
  return { status: 'queued', attempts, error, nextAt: new Date(services.clock.now() + waitMs) }
}

/** The chat did not reach somebody who has to know: a short message to their phone says so. */
async function fallBack(services: Services, message: OutboxDoc): Promise<void> {
  if (message.urgency !== 'urgent' || !('personId' in message.to) || 'mobile' in message.to) return
  const person = await services.models.people.byId(message.to.personId)
  if (!person?.mobile) return
  const short = shortMessageFor(deriveId('sms', message._id), person._id, person.mobile, message)
  await services.models.outbox.put([short], new Date(services.clock.now()))
  services.poke('outbox')
}
