import { hash } from 'node:crypto'
import { z } from 'zod'
import type { Delivery, InboundEvent } from '../../../../common/inbound.ts'
import { readFlatXml } from './flat-xml.ts'

/** Which app a delivery belongs to. */
export interface WeComApp {
  corp: string
  app: string
}

/** A delivery, `ignored` (an event that means nothing to us), or why it could not be understood. */
export type Reading = { kind: 'delivery'; delivery: Delivery } | { kind: 'ignored' } | { kind: 'unreadable'; reason: string }

const person = z.string().min(1).max(128)
const seconds = z.string().regex(/^\d{1,11}$/)
/** A 64-bit integer: as a JavaScript number its last digits would change. */
const messageId = z
  .string()
  .regex(/^\d{1,20}$/)
  .optional()

const message = z.object({ FromUserName: person, CreateTime: seconds, MsgId: messageId, Content: z.string().default('') })
const cardEvent = z.object({
  FromUserName: person,
  CreateTime: seconds,
  EventKey: z.string().min(1).max(1024),
  TaskId: z.string().min(1).max(128),
  ResponseCode: z.string().max(1024).optional(),
})
const menuEvent = z.object({ FromUserName: person, CreateTime: seconds, EventKey: z.string().min(1).max(1024) })
const plainEvent = z.object({ FromUserName: person, CreateTime: seconds })

/** The fields that matter, always in one shape: a third of the reading time was spent on objects of varying shape. */
const pick = (fields: ReadonlyMap<string, string>) => ({
  MsgType: fields.get('MsgType'),
  Event: fields.get('Event'),
  FromUserName: fields.get('FromUserName'),
  CreateTime: fields.get('CreateTime'),
  MsgId: fields.get('MsgId'),
  Content: fields.get('Content'),
  EventKey: fields.get('EventKey'),
  TaskId: fields.get('TaskId'),
  ResponseCode: fields.get('ResponseCode'),
})

const IGNORED: Reading = { kind: 'ignored' }
const SINGLE = { kind: 'single' } as const

/**
 * Decrypted inner XML (pages "接收消息格式", "事件格式", "模板卡片事件推送") as an event of ours. The `AgentID` inside is no reason to refuse: system apps
 * send under their own.
 */
export function readInner(xml: string, { corp, app }: WeComApp): Reading {
  const fields = readFlatXml(xml)
  if (!fields) return { kind: 'unreadable', reason: 'wecom.inner_xml_invalid' }
  const raw = pick(fields)
  const type = raw.MsgType
  if (!type) return { kind: 'unreadable', reason: 'wecom.inner_xml_untyped' }

  const from = (fields: z.infer<typeof plainEvent>) => ({
    platform: 'wecom',
    corp,
    app,
    userId: fields.FromUserName,
    conversation: SINGLE,
    at: Number(fields.CreateTime) * 1000,
  })
  const deliver = (event: InboundEvent, id?: string): Reading => ({
    kind: 'delivery',
    // A retry is encrypted anew, so only what is inside can be recognised; sender and second are shared by different events.
    delivery: { key: `wecom:${corp}:${app}:${id ?? hash('sha256', xml, 'hex')}`, event },
  })

  if (type !== 'event') {
    const parsed = message.safeParse(raw)
    if (!parsed.success) return { kind: 'unreadable', reason: 'wecom.message_invalid' }
    const { Content, MsgId } = parsed.data
    if (type === 'text') return deliver({ ...from(parsed.data), type: 'text', text: Content }, MsgId)
    return deliver({ ...from(parsed.data), type: 'other_message', kind: type }, MsgId)
  }

  switch (raw.Event) {
    case 'click': {
      const parsed = menuEvent.safeParse(raw)
      if (!parsed.success) return { kind: 'unreadable', reason: 'wecom.click_invalid' }
      return deliver({ ...from(parsed.data), type: 'menu', key: parsed.data.EventKey })
    }
    case 'enter_agent': {
      const parsed = plainEvent.safeParse(raw)
      if (!parsed.success) return { kind: 'unreadable', reason: 'wecom.enter_invalid' }
      return deliver({ ...from(parsed.data), type: 'enter' })
    }
    case 'template_card_event':
    case 'template_card_menu_event': {
      const parsed = cardEvent.safeParse(raw)
      if (!parsed.success) return { kind: 'unreadable', reason: 'wecom.card_event_invalid' }
      const { TaskId, EventKey, ResponseCode } = parsed.data
      return deliver({
        ...from(parsed.data),
        type: 'card_action',
        cardId: TaskId,
        action: EventKey,
        ...(ResponseCode && { updateHandle: ResponseCode }),
      })
    }
    case undefined:
      return { kind: 'unreadable', reason: 'wecom.event_unnamed' }
    default:
      return IGNORED
  }
}
