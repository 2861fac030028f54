import { z } from 'zod'
import { sha256 } from '../../../common/ids.ts'
import type { Delivery, InboundEvent } from '../../../common/inbound.ts'
import { packSession } from './session.ts'

/** Which app a delivery belongs to. */
export interface DingTalkApp {
  corp: string
  app: string
}

/** A delivery, `ignored` (nothing we asked for), or why it could not be understood. */
export type Reading = { kind: 'delivery'; delivery: Delivery } | { kind: 'ignored' } | { kind: 'unreadable'; reason: string }

/** The field table says String, the samples show a number. */
const millis = z.coerce.number().int().nonnegative()
const optionalText = z.string().nullish()

const robotMessage = z.object({
  msgId: z.string().min(1).max(256),
  msgtype: z.string().min(1).max(64),
  conversationType: z.coerce.string(),
  conversationId: z.string().min(1).max(256),
  createAt: millis,
  senderStaffId: optionalText,
  senderCorpId: optionalText,
  sessionWebhook: optionalText,
  sessionWebhookExpiredTime: millis.nullish(),
  text: z.object({ content: z.string() }).nullish(),
  content: z.unknown().optional(),
  errorCode: z.coerce.string().nullish(),
})
const richText = z.object({ richText: z.array(z.object({ text: z.string().optional(), type: z.string().optional() })) })
/** HTTP mode: the page's sample has the text at the top of `content`. */
const bareContent = z.object({ content: z.string() })

const cardCallback = z.object({
  outTrackId: z.string().min(1).max(128),
  userId: optionalText,
  userIdType: z.coerce.number().nullish(),
  corpId: optionalText,
  content: optionalText,
  value: optionalText,
})
const params = z.record(z.string(), z.unknown())
const cardContent = z.object({
  cardPrivateData: z.object({ actionIds: z.array(z.string()).nullish(), params: params.nullish() }).nullish(),
  params: params.nullish(),
})

const UNION_ID_TYPE = 2
const GROUP = '2'

const unreadable = (reason: string): Reading => ({ kind: 'unreadable', reason })

/** A robot message (page "机器人接收消息"), from a stream frame or an HTTP callback. */
export function readRobotMessage(json: unknown, { corp, app }: DingTalkApp): Reading {
  const parsed = robotMessage.safeParse(json)
  if (!parsed.success) return unreadable('dingtalk.message_invalid')
  const message = parsed.data
  // The organisation's quota is used up: the platform then delivers messages without their content.
  if (message.errorCode && message.errorCode !== '0') return unreadable('dingtalk.quota_exhausted')
  const base = {
    platform: 'dingtalk',
    corp,
    app,
    userId: memberId(message.senderStaffId, message.senderCorpId, corp),
    conversation:
      message.conversationType === GROUP
        ? ({ kind: 'group', id: message.conversationId } as const)
        : ({ kind: 'single' } as const),
    at: message.createAt,
    ...(message.sessionWebhook && { replyTo: packSession(message.sessionWebhook, message.sessionWebhookExpiredTime ?? 0) }),
  }
  const text = textOf(message)
  const event: InboundEvent =
    text === null ? { ...base, type: 'other_message', kind: message.msgtype } : { ...base, type: 'text', text: text.trim() }
  return { kind: 'delivery', delivery: { key: `dingtalk:${corp}:${app}:${message.msgId}`, event } }
}

function textOf(message: z.infer<typeof robotMessage>): string | null {
  if (message.msgtype === 'text') return message.text?.content ?? bareContent.safeParse(message).data?.content ?? null
  if (message.msgtype !== 'richText') return null
  // Text with formatting; a picture among it makes it something we cannot read as a whole.
  const items = richText.safeParse(message.content).data?.richText ?? []
  const words = items.map(item => item.text ?? '').join('')
  return words.trim() === '' || items.some(item => item.type === 'picture') ? null : words
}

/**
 * A click on a card (page "事件回调"). It carries no id of its own: `deliveryId` is what the transport tells apart deliveries by (the frame's message id).
 * Two clicks on two versions of a card are two deliveries; what a double click may do twice is for the command's own id to stop.
 *
 * @param at when it arrived, in milliseconds: the callback does not say when it was clicked
 */
export function readCardCallback(
  json: unknown,
  { corp, app }: DingTalkApp,
  { deliveryId, at }: { deliveryId: string; at: number },
): Reading {
  const type = z.object({ type: z.string() }).safeParse(json).data?.type
  if (type !== undefined && type !== 'actionCallback') return { kind: 'ignored' }
  const parsed = cardCallback.safeParse(json)
  const content = parsed.success ? cardContent.safeParse(parseJson(parsed.data.content ?? parsed.data.value)) : null
  if (!parsed.success || !content?.success) return unreadable('dingtalk.card_callback_invalid')
  const { cardPrivateData } = content.data
  const chosen = (cardPrivateData?.params ?? content.data.params)?.action
  const action = typeof chosen === 'string' && chosen !== '' ? chosen : cardPrivateData?.actionIds?.[0]
  if (!action) return unreadable('dingtalk.card_action_missing')
  const { outTrackId, userId, corpId, userIdType } = parsed.data
  return {
    kind: 'delivery',
    delivery: {
      key: `dingtalk:${corp}:${app}:click:${sha256(`${outTrackId}\n${userId ?? ''}\n${action}\n${deliveryId}`)}`,
      event: {
        platform: 'dingtalk',
        corp,
        app,
        userId: userIdType === UNION_ID_TYPE ? '' : memberId(userId, corpId, corp),
        conversation: { kind: 'single' },
        at,
        type: 'card_action',
        cardId: outTrackId,
        action,
      },
    },
  }
}

/** Staff ids are unique within one organisation only: a guest of another one must not be taken for our member of the same id. */
function memberId(userId: string | null | undefined, theirCorp: string | null | undefined, ourCorp: string): string {
  return userId && (!theirCorp || theirCorp === ourCorp) ? userId : ''
}

/** `undefined` for what is not JSON. */
export function parseJson(text: string | null | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
