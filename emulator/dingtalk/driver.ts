import { EmulatorError } from '../kernel/errors.ts'
import { freshId } from '../kernel/ids.ts'
import type { ChatMessage } from '../kernel/view.ts'
import { cardPush, deliver, eventPush, messagePush } from './deliver.ts'
import type { Gateway } from './gateway.ts'
import type { Push } from './push.ts'
import { chatOf, type DingTalkState, groupOf } from './state.ts'
import { shownCard, shownMessage } from './view.ts'

const SESSION_LIFE_MS = 90 * 60_000
const TINY_PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)

/** What people do in the DingTalk client. Each call resolves when the service has acked, or its time is over. */
export interface DingTalkPeople {
  userSendsText(userId: string, text: string): Promise<Push>
  /** A message that @s the robot in a group. */
  userSendsTextInGroup(userId: string, conversationId: string, text: string): Promise<Push>
  userSendsImage(userId: string): Promise<Push>
  /** Any message kind of the page, e.g. `{ msgtype: 'audio', content: { recognition: '待办', … } }`; `guest`: of nobody's staff. */
  userSends(userId: string, message: RawMessage): Promise<Push>
  /** @throws EmulatorError `card.no_live_button` when this person's card shows no such callback button */
  userClicksCard(userId: string, outTrackId: string, buttonId: string, options?: RawCardClick): Promise<Push>
  /** A click that no client checked: forged, forwarded or stale. */
  userClicksCardRaw(userId: string, outTrackId: string, buttonId: string, options?: RawCardClick): Promise<Push>
  /** An event of the organisation; `response` is the status the service gave it, as `{status}`. */
  sendEvent(eventType: string, data: Record<string, unknown>): Promise<Push>
  /** The same message, click or event again, in a frame of its own. */
  redeliver(push: Pick<Push, 'label' | 'userId' | 'topic' | 'data'>): Promise<Push>
  /** The robot's messages in this person's single chat, oldest first. */
  view(userId: string): ChatMessage[]
  /** Both sides of the single chat. */
  transcript(userId: string): ChatMessage[]
  /** The robot's messages in a group. */
  groupView(conversationId: string): ChatMessage[]
}

export interface RawMessage {
  msgtype: string
  text?: { content: string }
  content?: Record<string, unknown>
  /** Without staff id: somebody of another organisation. */
  guest?: boolean
  /** Fields of the message added or replaced. */
  fields?: Record<string, unknown>
}

export interface RawCardClick {
  /** How the button's id travels: as `params.action` (default), in `actionIds` only, or in the older `value` shape. */
  as?: 'action' | 'actionIds' | 'value'
  /** Form values that travel beside it. */
  params?: Record<string, unknown>
  /** Fields of the callback added or replaced. */
  fields?: Record<string, unknown>
}

/** The people of an emulated company. */
export function createPeople(state: DingTalkState, gateway: Gateway): DingTalkPeople {
  const employee = (userId: string) => {
    const person = state.directory.person(userId)
    if (!person) throw new EmulatorError('person.unknown', `钉钉里没有这个员工:${userId}`)
    return person
  }
  /** Into the single chat with the robot. */
  const say = async (userId: string, { guest, fields, ...message }: RawMessage) => {
    const from = guest ? userId : employee(userId).userId
    const { senderStaffId, senderCorpId, ...rest } = envelope(state, from)
    const data = {
      ...rest,
      ...(guest ? { senderCorpId: 'dingsomebodyelse' } : { senderStaffId, senderCorpId }),
      conversationType: '1',
      conversationId: `cid-${from}`,
      ...message,
      ...fields,
    }
    remember(state, from, data.msgId, message.text?.content ?? WORDS[message.msgtype] ?? `[${message.msgtype}]`)
    return deliver(state, gateway, messagePush(from, data))
  }
  const click = (userId: string, outTrackId: string, buttonId: string, options: RawCardClick = {}) =>
    deliver(state, gateway, cardPush(userId, clickData(state, userId, outTrackId, buttonId, options)))
  const show = (userId: string) => (entry: Parameters<typeof shownMessage>[2]) => shownMessage(state, userId, entry)
  return {
    userSendsText: (userId, text) => say(userId, { msgtype: 'text', text: { content: text } }),
    async userSendsTextInGroup(userId, conversationId, text) {
      const { userId: from } = employee(userId)
      const group = groupOf(state, conversationId)
      const robot = robotId(state)
      const data = {
        ...envelope(state, from, conversationId),
        ...{
          conversationType: '2',
          conversationId,
          conversationTitle: group.title,
          senderCorpId: state.corpId,
          isInAtList: true,
        },
        atUsers: [{ dingtalkId: robot }],
        msgtype: 'text',
        text: { content: ` ${text}` },
      }
      const words = { text: `@机器人 ${text}`, raw: {} }
      group.messages.push({
        msgid: data.msgId,
        from: 'user',
        userId: from,
        content: words,
        recalled: false,
        at: state.clock.now(),
      })
      return deliver(state, gateway, messagePush(from, data))
    },
    userSendsImage: userId => say(userId, { msgtype: 'picture', content: { downloadCode: pictureCode(state) } }),
    userSends: say,
    async userClicksCard(userId, outTrackId, buttonId, options) {
      const { userId: from } = employee(userId)
      const card = state.cards.get(outTrackId)
      const visible =
        chatOf(state, from).some(entry => entry.outTrackId === outTrackId && !entry.recalled) || inGroup(state, outTrackId)
      const button = card && visible ? shownCard(card, from).buttons.find(({ key }) => key === buttonId) : undefined
      if (!button) throw new EmulatorError('card.no_live_button', `${userId} 的卡片 ${outTrackId} 上没有可点的按钮 ${buttonId}`)
      return click(from, outTrackId, buttonId, options)
    },
    userClicksCardRaw: async (userId, outTrackId, buttonId, options) => click(userId, outTrackId, buttonId, options),
    sendEvent: (eventType, data) =>
      deliver(state, gateway, eventPush(eventType, { eventId: freshId('E'), eventBornTime: state.clock.now(), ...data })),
    redeliver: ({ label, userId, topic, data }) => deliver(state, gateway, { label, userId, topic, data }),
    view: userId =>
      chatOf(state, userId)
        .filter(({ from }) => from === 'app')
        .map(show(userId)),
    transcript: userId => chatOf(state, userId).map(show(userId)),
    groupView: conversationId =>
      groupOf(state, conversationId)
        .messages.filter(({ from }) => from === 'app')
        .map(show('')),
  }
}

/** How the chat shows what is not words. */
const WORDS: Record<string, string> = { picture: '[图片]', audio: '[语音]', video: '[视频]', file: '[文件]' }

function pictureCode(state: DingTalkState): string {
  const code = freshId('file')
  state.files.set(code, { field: 'media', filename: 'photo.png', contentType: 'image/png', bytes: TINY_PNG })
  return code
}

const robotId = (state: DingTalkState) => `$:LWCP_v1:$robot-${state.clientId}`

const inGroup = (state: DingTalkState, outTrackId: string) =>
  [...state.groups.values()].some(({ messages }) => messages.some(entry => entry.outTrackId === outTrackId))

function remember(state: DingTalkState, userId: string, msgid: string, text: string) {
  chatOf(state, userId).push({ msgid, from: 'user', content: { text, raw: {} }, recalled: false, at: state.clock.now() })
}

/** The fields that every robot message carries; vendor page 机器人收发消息. */
function envelope(state: DingTalkState, userId: string, conversationId?: string) {
  const now = state.clock.now()
  const session = freshId('s')
  const expiresAt = now + SESSION_LIFE_MS
  state.sessions.set(session, { userId, conversationId, expiresAt })
  return {
    msgId: freshId('msg'),
    createAt: now,
    senderId: `$:LWCP_v1:$${userId}`,
    senderStaffId: userId,
    senderNick: state.directory.person(userId)?.name ?? userId,
    senderCorpId: state.corpId,
    senderPlatform: 'Win',
    isAdmin: false,
    chatbotCorpId: state.corpId,
    chatbotUserId: robotId(state),
    robotCode: state.clientId,
    sessionWebhook: `${state.baseUrl}/robot/sendBySession?session=${session}`,
    sessionWebhookExpiredTime: expiresAt,
  }
}

function clickData(state: DingTalkState, userId: string, outTrackId: string, buttonId: string, options: RawCardClick) {
  const action = options.as ?? 'action'
  const params = { ...(action === 'actionIds' ? {} : { action: buttonId }), ...options.params }
  const cardPrivateData = { actionIds: [action === 'actionIds' ? buttonId : 'buttons'], params }
  const content = JSON.stringify(
    action === 'value' ? { cardPrivateData: { actionIds: ['buttons'] }, params } : { cardPrivateData },
  )
  return {
    type: 'actionCallback',
    outTrackId,
    corpId: state.corpId,
    userId,
    userIdType: 1,
    spaceType: 'im',
    spaceId: `cid-${userId}`,
    extension: '{}',
    [action === 'value' ? 'value' : 'content']: content,
    ...options.fields,
  }
}
