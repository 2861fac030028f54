import { EmulatorError } from '../kernel/errors.ts'
import { freshId, nineteenDigits } from '../kernel/ids.ts'
import type { ChatMessage } from '../kernel/view.ts'
import { type CustomerSeed, customerOf, followOf } from './customers.ts'
import type { Delivery } from './delivery.ts'
import { deliver } from './sender.ts'
import { type ChatEntry, chatOf, type WeComState } from './state.ts'
import { shownMessage } from './view.ts'
import { type XmlValue, xmlDocument } from './xml.ts'

const CODE_LIFE_MS = 72 * 3_600_000
const MEDIA_LIFE_MS = 3 * 86_400_000
const TINY_PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)

/** Answers chosen on a card's select or vote controls: question key → option ids. */
export type Selected = Record<string, string[]>

/** What people do in the WeCom client. Each call resolves when the service has answered, or all retries are spent. */
export interface WeComPeople {
  userSendsText(userId: string, text: string): Promise<Delivery>
  userSendsImage(userId: string): Promise<Delivery>
  /** A voice message; `recognition` is what some clients understood of it. */
  userSendsVoice(userId: string, recognition?: string): Promise<Delivery>
  userSendsFile(userId: string, name: string, bytes: Buffer): Promise<Delivery>
  userSendsLocation(userId: string, label: string, at?: { latitude: number; longitude: number }): Promise<Delivery>
  userSendsLink(userId: string, title: string, url: string): Promise<Delivery>
  /** A menu entry that opens a page. */
  userOpensMenuPage(userId: string, url: string): Promise<Delivery>
  /** 通讯录变更: an app hears of it only where the customer set the sync assistant's callback. */
  contactChanges(
    type: 'create_user' | 'update_user' | 'delete_user' | 'update_party',
    fields: Record<string, string>,
  ): Promise<Delivery>
  /** Somebody adds a customer, notes something about them, or is left by them. */
  customerAdded(userId: string, customer: CustomerSeed, state?: string): Promise<Delivery>
  customerEdited(userId: string, externalId: string, change: { remark?: string; mobiles?: string[] }): Promise<Delivery>
  customerGone(userId: string, externalId: string): Promise<Delivery>
  userEnters(userId: string): Promise<Delivery>
  userClicksMenu(userId: string, key: string): Promise<Delivery>
  /** @throws EmulatorError `card.no_live_button` when this person's view shows no such button */
  userClicksCard(userId: string, taskId: string, key: string, selected?: Selected): Promise<Delivery>
  /** A click that no client checked: forged, forwarded or stale. */
  userClicksCardRaw(userId: string, taskId: string, key: string, options?: RawClick): Promise<Delivery>
  /** @throws EmulatorError `card.no_live_button` when the card shows no such menu entry */
  userClicksCardMenu(userId: string, taskId: string, key: string): Promise<Delivery>
  /** The same inner XML again, in a fresh ciphertext. */
  redeliver(delivery: Pick<Delivery, 'label' | 'userId' | 'innerXml'>): Promise<Delivery>
  /** The app's messages in this person's conversation, oldest first. */
  view(userId: string): ChatMessage[]
  /** Both sides of the conversation. */
  transcript(userId: string): ChatMessage[]
}

export interface RawClick {
  cardType?: string
  selected?: Selected
  /** A response code of the caller's choosing; default a fresh, valid one. */
  responseCode?: string
  createTimeS?: number
  /** Inner fields added or replaced. */
  fields?: Record<string, string | number>
}

/** The people of an emulated company. */
export function createPeople(state: WeComState): WeComPeople {
  const member = (userId: string) => {
    const person = state.directory.person(userId)
    if (!person) throw new EmulatorError('person.unknown', `企业微信里没有这个成员:${userId}`)
    return person.userId
  }
  const say = (label: string, userId: string, fields: Record<string, XmlValue | undefined>) =>
    deliver(state, { label, userId, innerXml: xmlDocument({ ...header(state, userId), ...fields }) })
  const event = (name: string, userId: string, fields: Record<string, XmlValue | undefined> = {}) =>
    say(name, userId, { MsgType: 'event', Event: name, ...fields, AgentID: state.agentId })
  const system = (name: string, fields: Record<string, XmlValue | undefined>) =>
    deliver(state, {
      label: name,
      userId: 'sys',
      innerXml: xmlDocument({ ...header(state, 'sys'), MsgType: 'event', Event: name, ...fields }),
    })
  const remember = (userId: string, entry: Pick<ChatEntry, 'msgtype' | 'text'> & { msgid: string }) => {
    chatOf(state, userId).push({ ...entry, from: 'user', recalled: false, at: state.clock.now() })
  }
  const click = (name: string, userId: string, taskId: string, key: string, options: RawClick = {}) => {
    const selected = Object.entries(options.selected ?? {}).map(([question, ids]) => ({
      QuestionKey: question,
      OptionIds: { OptionId: ids },
    }))
    return event(name, userId, {
      EventKey: key,
      TaskId: taskId,
      CardType: options.cardType ?? cardTypeOf(state, taskId),
      ResponseCode: options.responseCode ?? clickCode(state, userId, taskId),
      ...(selected.length > 0 ? { SelectedItems: { SelectedItem: selected } } : {}),
      ...(options.createTimeS === undefined ? {} : { CreateTime: options.createTimeS }),
      ...options.fields,
    })
  }
  return {
    async userSendsText(userId, text) {
      const from = member(userId)
      const msgid = nineteenDigits()
      remember(from, { msgid, msgtype: 'text', text })
      return say('text', from, { MsgType: 'text', Content: text, MsgId: BigInt(msgid), AgentID: state.agentId })
    },
    async userSendsImage(userId) {
      const from = member(userId)
      const msgid = nineteenDigits()
      const mediaId = keepMedia(state, 'image', 'photo.png', 'image/png', TINY_PNG)
      remember(from, { msgid, msgtype: 'image', text: '[图片]' })
      const picture = { PicUrl: 'http://127.0.0.1/photo.png', MediaId: mediaId, MsgId: BigInt(msgid) }
      return say('image', from, { MsgType: 'image', ...picture, AgentID: state.agentId })
    },
    async userSendsVoice(userId, recognition) {
      const from = member(userId)
      const msgid = nineteenDigits()
      const mediaId = keepMedia(state, 'voice', 'voice.amr', 'audio/amr', Buffer.from('#!AMR\n-voice-'))
      remember(from, { msgid, msgtype: 'voice', text: '[语音]' })
      const words = recognition === undefined ? {} : { Recognition: recognition }
      return say('voice', from, {
        MsgType: 'voice',
        MediaId: mediaId,
        Format: 'amr',
        ...words,
        MsgId: BigInt(msgid),
        AgentID: state.agentId,
      })
    },
    async userSendsFile(userId, name, bytes) {
      const from = member(userId)
      const msgid = nineteenDigits()
      const mediaId = keepMedia(state, 'file', name, 'application/octet-stream', bytes)
      remember(from, { msgid, msgtype: 'file', text: `[文件] ${name}` })
      return say('file', from, {
        MsgType: 'file',
        MediaId: mediaId,
        FileName: name,
        MsgId: BigInt(msgid),
        AgentID: state.agentId,
      })
    },
    async userSendsLocation(userId, label, at = { latitude: 29.563009, longitude: 106.551557 }) {
      const from = member(userId)
      const msgid = nineteenDigits()
      remember(from, { msgid, msgtype: 'location', text: `[位置] ${label}` })
      const place = { Location_X: String(at.latitude), Location_Y: String(at.longitude), Scale: 15, Label: label }
      return say('location', from, {
        MsgType: 'location',
        ...place,
        MsgId: BigInt(msgid),
        AgentID: state.agentId,
        AppType: 'wxwork',
      })
    },
    async userSendsLink(userId, title, url) {
      const from = member(userId)
      const msgid = nineteenDigits()
      remember(from, { msgid, msgtype: 'link', text: `[链接] ${title}` })
      const link = { Title: title, Description: '', Url: url, PicUrl: '' }
      return say('link', from, { MsgType: 'link', ...link, MsgId: BigInt(msgid), AgentID: state.agentId })
    },
    userOpensMenuPage: async (userId, url) => event('view', member(userId), { EventKey: url }),
    contactChanges: (type, fields) => system('change_contact', { ChangeType: type, ...fields }),
    async customerAdded(userId, seed, from) {
      const known = state.customers.get(seed.externalId)
      const customer = known ?? customerOf({ ...seed, follows: [] }, state.clock.now())
      const remarked = seed.follows?.find(follow => follow.userId === userId)
      customer.follows.push(followOf({ userId, ...remarked, ...(from !== undefined && { state: from }) }, state.clock.now()))
      state.customers.set(seed.externalId, customer)
      const fields = { State: from ?? '', WelcomeCode: freshId('WC') }
      return system('change_external_contact', customerEvent('add_external_contact', userId, seed.externalId, fields))
    },
    async customerEdited(userId, externalId, { remark, mobiles }) {
      const follow = state.customers.get(externalId)?.follows.find(candidate => candidate.userId === userId)
      if (!follow) throw new EmulatorError('customer.unknown', `${userId} 没有这个客户:${externalId}`)
      if (remark !== undefined) follow.remark = remark
      if (mobiles) follow.mobiles = mobiles
      return system('change_external_contact', customerEvent('edit_external_contact', userId, externalId))
    },
    async customerGone(userId, externalId) {
      const customer = state.customers.get(externalId)
      if (customer) customer.follows = customer.follows.filter(follow => follow.userId !== userId)
      return system('change_external_contact', customerEvent('del_follow_user', userId, externalId))
    },
    userEnters: async userId => event('enter_agent', member(userId), { EventKey: '' }),
    userClicksMenu: async (userId, key) => event('click', member(userId), { EventKey: key }),
    async userClicksCard(userId, taskId, key, selected) {
      const from = member(userId)
      const button = liveCard(state, from, taskId)?.buttons.find(candidate => candidate.key === key && candidate.enabled)
      if (!button) throw new EmulatorError('card.no_live_button', `${userId} 的卡片 ${taskId} 上没有可点的按钮 ${key}`)
      return click('template_card_event', from, taskId, key, selected ? { selected } : {})
    },
    userClicksCardRaw: async (userId, taskId, key, options) => click('template_card_event', userId, taskId, key, options),
    async userClicksCardMenu(userId, taskId, key) {
      const from = member(userId)
      const entry = liveCard(state, from, taskId)?.menu.find(candidate => candidate.key === key)
      if (!entry) throw new EmulatorError('card.no_live_button', `${userId} 的卡片 ${taskId} 上没有菜单 ${key}`)
      return click('template_card_menu_event', from, taskId, key)
    },
    redeliver: ({ label, userId, innerXml }) => deliver(state, { label, userId, innerXml }),
    view: userId => chatOf(state, userId).flatMap(entry => (entry.from === 'app' ? [shownMessage(entry)] : [])),
    transcript: userId => chatOf(state, userId).map(shownMessage),
  }
}

function keepMedia(state: WeComState, type: string, filename: string, contentType: string, bytes: Buffer): string {
  const mediaId = freshId('MEDIA')
  state.media.set(mediaId, { field: 'media', filename, contentType, bytes, type, expiresAt: state.clock.now() + MEDIA_LIFE_MS })
  return mediaId
}

const customerEvent = (type: string, userId: string, externalId: string, more: Record<string, string> = {}) => ({
  ChangeType: type,
  UserID: userId,
  ExternalUserID: externalId,
  ...more,
})

const header = (state: WeComState, userId: string) => ({
  ToUserName: state.corpId,
  FromUserName: userId,
  CreateTime: Math.floor(state.clock.now() / 1000),
})

const liveCard = (state: WeComState, userId: string, taskId: string) => {
  const entry = chatOf(state, userId).findLast(candidate => candidate.taskId === taskId && !candidate.recalled)
  return entry ? shownMessage(entry).card : undefined
}

function cardTypeOf(state: WeComState, taskId: string): string {
  for (const chat of state.chats.values()) {
    const entry = chat.find(candidate => candidate.taskId === taskId)
    if (entry) return String(entry.card?.card_type ?? 'button_interaction')
  }
  return 'button_interaction'
}

function clickCode(state: WeComState, userId: string, taskId: string): string {
  const code = freshId('RC')
  const msgid = state.tasks.get(taskId) ?? ''
  state.codes.set(code, { taskId, msgid, origin: 'click', userId, expiresAt: state.clock.now() + CODE_LIFE_MS, used: false })
  return code
}
