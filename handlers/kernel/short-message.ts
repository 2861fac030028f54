import { leaseOf } from '../../models/kernel/lease.ts'
import type { NewMessage, OutboxDoc } from '../../models/kernel/outbox.ts'
import type { Services } from './services.ts'

/** Characters that one short message holds in China; longer ones are billed as several. */
const SHORT_CHARS = 70
const CLOSING = '…请打开企业微信或钉钉查看。'

/** Sends short messages to phones. Failures as with `Channel`. */
export interface ShortMessages {
  /** @param id ours; a repetition under it is one message where the service honours it */
  send(message: { id: string; mobile: string; text: string }): Promise<{ messageId?: string }>
}

/** The message that goes to the phone when the chat did not reach its owner: one line, without links. */
export function shortMessageFor(
  _id: string,
  personId: string,
  mobile: string,
  message: Pick<OutboxDoc, 'text' | 'topic' | 'subject'>,
): NewMessage {
  const words = message.text
    .replace(/https?:\/\/\S+/g, '')
    .replace(/\s+/g, ' ')
    .trim()
  const text = words.length > SHORT_CHARS - CLOSING.length ? `${words.slice(0, SHORT_CHARS - CLOSING.length)}${CLOSING}` : words
  return {
    _id,
    to: { personId, mobile },
    text: `【客联】${text}`,
    urgency: 'urgent',
    ...(message.topic && { topic: message.topic }),
    ...(message.subject && { subject: message.subject }),
  }
}

/** Hand it to the service, if there is one; else the row says that it would have gone. */
export async function sendShortMessage(
  services: Services,
  message: OutboxDoc,
  to: { mobile: string },
): Promise<Partial<OutboxDoc> | null> {
  if (!services.shortMessages) {
    services.meter.sent('sms', 'sms', 'recorded')
    return { status: 'recorded', platform: 'sms' }
  }
  if (!(await services.models.outbox.onItsWay(leaseOf(message), 'sms'))) return null
  const { messageId } = await services.shortMessages.send({ id: message._id, mobile: to.mobile, text: message.text })
  services.meter.sent('sms', 'sms', 'sent')
  return { status: 'sent', sentAt: new Date(services.clock.now()), ...(messageId && { messageId }) }
}
