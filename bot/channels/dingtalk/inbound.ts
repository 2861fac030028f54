import { z } from 'zod'
import { sha256 } from '../../../common/ids.ts'
import type { Delivery, InboundEvent } from '../../../common/inbound.ts'
import { packMedia } from './media.ts'
import { packSession } from './session.ts'

/** Which app a delivery belongs to. */
export interface DingTalkApp {
  corp: string
  app: string
}

/** Deliveries in their order, `ignored` (nothing we asked for), or why it could not be understood. */
export type Reading =
  | { kind: 'deliveries'; deliveries: readonly Delivery[] }
  | { kind: 'ignored' }
  | { kind: 'unreadable'; reason: string }

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
const richText = z.object({
  richText: z.array(z.object({ text: z.string().nullish(), type: z.string().nullish(), downloadCode: z.string().nullish() })),
})
const audio = z.object({ downloadCode: z.string().nullish(), recognition: z.string().nullish() })
const stored = z.object({ downloadCode: z.string().min(1), fileName: z.string().nullish() })

/** The page's kinds that carry one file, and ours. */
const FILE_KINDS: Readonly<Record<string, 'image' | 'video' | 'file'>> = { picture: 'image', video: 'video', file: 'file' }
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
  // Assigned into, not spread: with spreads this was a quarter of the time that a message takes here.
  const base = () => ({
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
  })
  return {
    kind: 'deliveries',
    deliveries: partsOf(message).map((part, index) => ({
      key: `dingtalk:${corp}:${app}:${message.msgId}${index === 0 ? '' : `:${index}`}`,
      event: Object.assign(base(), part) as InboundEvent,
    })),
  }
}

type Part =
  | { type: 'text'; text: string }
  | { type: 'file'; kind: 'image' | 'video' | 'file' | 'voice'; media: string; name?: string }
  | { type: 'other_message'; kind: string }

/** What was said, in order: a text with pictures in it is words first and then each picture. At least one part. */
function partsOf(message: z.infer<typeof robotMessage>): [Part, ...Part[]] {
  const { msgtype, content } = message
  const unknown: Part = { type: 'other_message', kind: msgtype }
  if (msgtype === 'text') {
    const words =
      message.text?.content ?? bareContent.safeParse(message).data?.content ?? bareContent.safeParse(content).data?.content
    return [words === undefined ? unknown : { type: 'text', text: words.trim() }]
  }
  if (msgtype === 'audio') {
    const { recognition, downloadCode } = audio.safeParse(content).data ?? {}
    if (recognition?.trim()) return [{ type: 'text', text: recognition.trim() }]
    return [downloadCode ? { type: 'file', kind: 'voice', media: packMedia(downloadCode, '') } : unknown]
  }
  const kind = FILE_KINDS[msgtype]
  if (kind) {
    const file = stored.safeParse(content).data
    return [file ? fileOf(kind, file.downloadCode, file.fileName) : unknown]
  }
  if (msgtype !== 'richText') return [unknown]
  const items = richText.safeParse(content).data?.richText ?? []
  const words = items
    .map(item => item.text ?? '')
    .join('')
    .trim()
  const pictures = items.flatMap(item =>
    item.type === 'picture' && item.downloadCode ? [fileOf('image', item.downloadCode)] : [],
  )
  const [first, ...rest] = [...(words === '' ? [] : [{ type: 'text', text: words } as const]), ...pictures]
  return first ? [first, ...rest] : [unknown]
}

const fileOf = (kind: 'image' | 'video' | 'file', downloadCode: string, name?: string | null): Part => ({
  type: 'file',
  kind,
  media: packMedia(downloadCode, name ?? ''),
  ...(name && { name }),
})

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
  const delivery: Delivery = {
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
  }
  return { kind: 'deliveries', deliveries: [delivery] }
}

const ids = z.union([z.string(), z.array(z.string())]).transform(given => [given].flat())
/** The stream's spelling, and the one of HTTP. */
const peopleEvent = z.union([
  z.object({ userId: ids }),
  z.object({ UserId: ids }).transform(({ UserId }) => ({ userId: UserId })),
])

/**
 * An event of the organisation (page "事件订阅"): who came, changed or left, or that departments changed. Others are not asked for and are ignored.
 *
 * @param eventId the platform's own id of it, the same in each redelivery
 */
export function readEvent(
  json: unknown,
  { corp, app }: DingTalkApp,
  { eventType, eventId, eventCorpId, at }: { eventType: string; eventId: string; eventCorpId: string | undefined; at: number },
): Reading {
  if (eventCorpId && eventCorpId !== corp) return { kind: 'ignored' }
  const isPeople = /^user_(add|modify|leave)_org$/.test(eventType)
  if (!isPeople && !/^org_dept_(create|modify|remove)$/.test(eventType)) return { kind: 'ignored' }
  const parsed = peopleEvent.safeParse(json)
  if (isPeople && !parsed.success) return unreadable('dingtalk.event_invalid')
  // What an event about departments carries is not told: they are all read anew.
  const userIds = isPeople ? [...new Set(parsed.data?.userId ?? [])].filter(userId => userId !== '') : ['']
  return {
    kind: 'deliveries',
    deliveries: userIds.map(userId => ({
      key: `dingtalk:${corp}:${app}:event:${eventId}:${userId}`,
      event: { platform: 'dingtalk', corp, app, userId, conversation: { kind: 'single' }, at, type: 'contact_changed' },
    })),
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
