import { AppError, asAppError, PlatformRefused, PlatformUnreachable } from '../../common/errors.ts'
import type { OutboxDoc } from '../../models/kernel/outbox.ts'
import { insist } from './insist.ts'
import { preferredAccount } from './paint.ts'
import type { Channel, Recipient } from './ports.ts'
import type { Services } from './services.ts'

const MAX_ATTEMPTS = 5
const backoffMs = (attempts: number): number => Math.min(60_000, 1_000 * 2 ** attempts)

interface Address {
  channel: Channel
  to: Recipient
}

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
 * Send one queued text. Texts are at-most-once: what may have gone out is recorded as `unknown` and not repeated; only what the platform
 * surely did not take is tried again.
 */
export async function send(services: Services, message: OutboxDoc, leaseBy: string): Promise<void> {
  const { outbox } = services.models
  const handed = await handOver(services, message).catch((error: unknown) => failureOf(services, message, error))
  await insist(() => outbox.settle(message._id, leaseBy, handed))
}

/** Give the text to the platform, or put it off while this person has had enough for a minute. */
async function handOver(services: Services, message: OutboxDoc): Promise<Partial<OutboxDoc>> {
  const { channel, to } = await addressOf(services, message)
  if (to.kind === 'person') {
    const now = services.clock.now()
    const person = `${channel.platform}:${to.userId}`
    const waitMs = services.governor.take(person, message.urgency, channel.abilities.perPersonPerMinute, now)
    if (waitMs > 0) return { status: 'queued', nextAt: new Date(now + waitMs), attempts: message.attempts - 1 }
  }
  const replyTo = message.replyTo?.platform === channel.platform ? message.replyTo.token : undefined
  const receipt = await channel.sendText(to, message.text, replyTo ? { replyTo } : {})
  return {
    status: receipt.notReached ? 'not_reached' : 'sent',
    sentAt: new Date(services.clock.now()),
    platform: channel.platform,
    ...(message.secret && { text: '(链接已发送,不再保存)' }),
    ...(receipt.messageId && { messageId: receipt.messageId }),
  }
}

/** A failure of ours before the hand-over, like a refusal that asks for patience, is tried again; a lost answer is not. */
function failureOf(services: Services, message: OutboxDoc, thrown: unknown): Partial<OutboxDoc> {
  const failure = asAppError(thrown)
  const error = { code: failure.code, message: failure.message }
  services.log.warn(
    { code: failure.code, messageId: message._id, err: thrown instanceof Error ? thrown.message : '' },
    'a message was not sent',
  )
  if (thrown instanceof PlatformUnreachable && thrown.applied === 'unknown') return { status: 'unknown', error }
  const again = thrown instanceof PlatformRefused ? thrown.retryable : failure.status >= 500
  if (!again || message.attempts >= MAX_ATTEMPTS) return { status: 'dead', error }
  return { status: 'queued', error, nextAt: new Date(services.clock.now() + backoffMs(message.attempts)) }
}
