import { hash } from 'node:crypto'
import { z } from 'zod'
import type { Delivery, InboundEvent } from '../../../../common/inbound.ts'
import { readFlatXml } from './flat-xml.ts'
import { childrenOf, elementIn, textOf } from './xml-tree.ts'

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
const media = z.object({
  MediaId: z.string().min(1).max(512),
  FileName: z.string().max(512).optional(),
  Recognition: z.string().optional(),
})
const degrees = z.coerce.number().min(-180).max(180)
const place = z.object({ Location_X: degrees, Location_Y: degrees, Label: z.string().max(2048).default('') })
const link = z.object({ Title: z.string().max(2048).default(''), Url: z.string().min(1).max(4096) })
const cardEvent = z.object({
  FromUserName: person,
  CreateTime: seconds,
  EventKey: z.string().min(1).max(1024),
  TaskId: z.string().min(1).max(128),
  ResponseCode: z.string().max(1024).optional(),
})
const menuEvent = z.object({ FromUserName: person, CreateTime: seconds, EventKey: z.string().min(1).max(1024) })
const plainEvent = z.object({ FromUserName: person, CreateTime: seconds })
const member = z.object({ FromUserName: person, CreateTime: seconds, UserID: person })
const approval = z.object({
  number: z.string().regex(/^\d{1,40}$/),
  name: z.string().max(200),
  state: z.coerce.number().int(),
  change: z.coerce.number().int().optional(),
})
const customer = z.object({
  FromUserName: person,
  CreateTime: seconds,
  UserID: person,
  ExternalUserID: z.string().min(1).max(128),
})

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
const FILE_KINDS: Readonly<Record<string, 'image' | 'voice' | 'video' | 'file'>> = {
  image: 'image',
  voice: 'voice',
  video: 'video',
  shortvideo: 'video',
  file: 'file',
}

/** Page 客户联系 › 事件: what became of the relation. Others (handover failed, archive agreed) change nothing that we keep. */
const CUSTOMER_CHANGES: Readonly<Record<string, 'added' | 'edited' | 'removed'>> = {
  add_external_contact: 'added',
  add_half_external_contact: 'added',
  edit_external_contact: 'edited',
  del_external_contact: 'removed',
  del_follow_user: 'removed',
}

const unreadable = (reason: string): Reading => ({ kind: 'unreadable', reason })

/**
 * Decrypted inner XML (pages "接收消息格式", "事件格式", "模板卡片事件推送", "通讯录变更事件", "客户联系事件") as an event of ours. The `AgentID` inside is no
 * reason to refuse: system apps send under their own.
 */
export function readInner(xml: string, { corp, app }: WeComApp): Reading {
  const fields = readFlatXml(xml)
  if (!fields) return unreadable('wecom.inner_xml_invalid')
  const raw = pick(fields)
  const type = raw.MsgType
  if (!type) return unreadable('wecom.inner_xml_untyped')

  const from = (given: z.infer<typeof plainEvent>) => ({
    platform: 'wecom',
    corp,
    app,
    userId: given.FromUserName,
    conversation: SINGLE,
    at: Number(given.CreateTime) * 1000,
  })
  const deliver = (event: InboundEvent, id?: string): Reading => ({
    kind: 'delivery',
    // A retry is encrypted anew, so only what is inside can be recognised; sender and second are shared by different events.
    delivery: { key: `wecom:${corp}:${app}:${id ?? hash('sha256', xml, 'hex')}`, event },
  })

  if (type !== 'event') {
    const parsed = message.safeParse(raw)
    if (!parsed.success) return unreadable('wecom.message_invalid')
    const { Content, MsgId } = parsed.data
    if (type === 'text') return deliver({ ...from(parsed.data), type: 'text', text: Content }, MsgId)
    return deliver({ ...from(parsed.data), ...richMessage(type, fields) }, MsgId)
  }

  switch (raw.Event) {
    case 'click': {
      const parsed = menuEvent.safeParse(raw)
      if (!parsed.success) return unreadable('wecom.click_invalid')
      return deliver({ ...from(parsed.data), type: 'menu', key: parsed.data.EventKey })
    }
    case 'enter_agent': {
      const parsed = plainEvent.safeParse(raw)
      if (!parsed.success) return unreadable('wecom.enter_invalid')
      return deliver({ ...from(parsed.data), type: 'enter' })
    }
    case 'template_card_event':
    case 'template_card_menu_event': {
      const parsed = cardEvent.safeParse(raw)
      if (!parsed.success) return unreadable('wecom.card_event_invalid')
      const { TaskId, EventKey, ResponseCode } = parsed.data
      return deliver({
        ...from(parsed.data),
        type: 'card_action',
        cardId: TaskId,
        action: EventKey,
        ...(ResponseCode && { updateHandle: ResponseCode }),
        ...(fields.has('SelectedItems') && { selected: selectedIn(xml) }),
      })
    }
    case 'change_contact':
      return contactChange(fields, from, deliver)
    case 'change_external_contact': {
      const change = CUSTOMER_CHANGES[fields.get('ChangeType') ?? '']
      const parsed = customer.safeParse(Object.fromEntries(fields))
      if (!change) return IGNORED
      if (!parsed.success) return unreadable('wecom.customer_invalid')
      const { UserID, ExternalUserID } = parsed.data
      const base = { ...from(parsed.data), userId: UserID }
      return deliver({ ...base, type: 'customer_contact', change, externalId: ExternalUserID })
    }
    case 'sys_approval_change':
      return nativeApproval(xml, raw, from, deliver)
    case undefined:
      return unreadable('wecom.event_unnamed')
    default:
      return IGNORED
  }
}

/** What is said without words; a voice message with words recognised by the client counts as text. */
function richMessage(type: string, fields: ReadonlyMap<string, string>) {
  const raw = Object.fromEntries(fields)
  const kind = FILE_KINDS[type]
  const sent = kind && media.safeParse(raw)
  if (kind && sent?.success) {
    const { MediaId, FileName, Recognition } = sent.data
    if (kind === 'voice' && Recognition?.trim()) return { type: 'text' as const, text: Recognition }
    return { type: 'file' as const, kind, media: MediaId, ...(FileName && { name: FileName }) }
  }
  const where = type === 'location' ? place.safeParse(raw) : undefined
  if (where?.success) {
    const { Location_X, Location_Y, Label } = where.data
    return { type: 'location' as const, label: Label, latitude: Location_X, longitude: Location_Y }
  }
  const shared = type === 'link' ? link.safeParse(raw) : undefined
  if (shared?.success) return { type: 'link' as const, title: shared.data.Title, url: shared.data.Url }
  return { type: 'other_message' as const, kind: type }
}

/** `update_user` may rename somebody: the new id is the one to read. Tags come with the next full reading. */
function contactChange(
  fields: ReadonlyMap<string, string>,
  from: (given: z.infer<typeof plainEvent>) => Omit<Extract<InboundEvent, { type: 'enter' }>, 'type'>,
  deliver: (event: InboundEvent) => Reading,
): Reading {
  const change = fields.get('ChangeType') ?? ''
  const raw = Object.fromEntries(fields)
  if (change.endsWith('_party')) {
    const parsed = plainEvent.safeParse(raw)
    if (!parsed.success) return unreadable('wecom.contact_invalid')
    return deliver({ ...from(parsed.data), userId: '', type: 'contact_changed' })
  }
  if (!change.endsWith('_user')) return IGNORED
  const parsed = member.safeParse({ ...raw, UserID: fields.get('NewUserID') || fields.get('UserID') })
  if (!parsed.success) return unreadable('wecom.contact_invalid')
  return deliver({ ...from(parsed.data), userId: parsed.data.UserID, type: 'contact_changed' })
}

/** Page "审批状态通知事件". It comes from the approval app's own agent id; the form is not in it. */
function nativeApproval(
  xml: string,
  raw: ReturnType<typeof pick>,
  from: (given: z.infer<typeof plainEvent>) => Omit<Extract<InboundEvent, { type: 'enter' }>, 'type'>,
  deliver: (event: InboundEvent) => Reading,
): Reading {
  const info = elementIn(xml, 'ApprovalInfo')
  const found = approval.safeParse({
    number: textOf(info, 'SpNoStr') || textOf(info, 'SpNo'),
    name: textOf(info, 'SpName'),
    state: textOf(info, 'SpStatus'),
    change: textOf(info, 'StatuChangeEvent') || undefined,
  })
  const parsed = plainEvent.safeParse(raw)
  if (!found.success || !parsed.success) return unreadable('wecom.approval_invalid')
  const userId = textOf(childrenOf(info, 'Applyer')[0], 'UserId')
  return deliver({ ...from(parsed.data), ...found.data, userId, type: 'native_approval' })
}

const MOST_ANSWERS = 40
/** Questions of our cards have such names; whatever else comes was not asked by us. */
const QUESTION = /^[a-z][a-zA-Z0-9]{0,63}$/

/** `SelectedItems › SelectedItem* › QuestionKey, OptionIds › OptionId*`. */
function selectedIn(xml: string): Record<string, string[]> {
  const items = childrenOf(elementIn(xml, 'SelectedItems'), 'SelectedItem').slice(0, MOST_ANSWERS)
  const entries = items.map((item): [string, string[]] => {
    const ids = childrenOf(childrenOf(item, 'OptionIds')[0], 'OptionId')
    return [textOf(item, 'QuestionKey'), ids.slice(0, MOST_ANSWERS).map(({ text }) => text)]
  })
  return Object.fromEntries(entries.filter(([question]) => QUESTION.test(question)))
}
