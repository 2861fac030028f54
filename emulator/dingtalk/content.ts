import { freshId } from '../kernel/ids.ts'
import { type Content, chatOf, type DingTalkState, groupOf } from './state.ts'

type Json = Record<string, unknown>

const RECALL_MS = 24 * 3_600_000

const text = (value: unknown) => (typeof value === 'string' ? value : '')

/** Required keys of each `msgKey`; vendor page 机器人收发消息. */
export const requiredKeys: Record<string, readonly string[]> = {
  sampleText: ['content'],
  sampleMarkdown: ['title', 'text'],
  sampleImageMsg: ['photoURL'],
  sampleLink: ['title', 'text', 'messageUrl'],
  sampleActionCard: ['title', 'text', 'singleTitle', 'singleURL'],
  sampleActionCard2: ['title', 'text', ...numbered(2)],
  sampleActionCard3: ['title', 'text', ...numbered(3)],
  sampleActionCard4: ['title', 'text', ...numbered(4)],
  sampleActionCard5: ['title', 'text', ...numbered(5)],
  sampleActionCard6: ['title', 'text', 'buttonTitle1', 'buttonUrl1', 'buttonTitle2', 'buttonUrl2'],
  sampleAudio: ['mediaId', 'duration'],
  sampleFile: ['mediaId', 'fileName', 'fileType'],
  sampleVideo: ['duration', 'videoMediaId', 'videoType', 'picMediaId'],
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => [`actionTitle${index + 1}`, `actionURL${index + 1}`]).flat()
}

/** What a server-side robot message shows. */
export function contentOfMsgKey(msgKey: string, param: Json): Content {
  const shared = { text: text(param.text) || text(param.content) || `[${msgKey}]`, raw: { msgKey, ...param } }
  const titled = param.title === undefined ? shared : { ...shared, title: text(param.title) }
  if (msgKey === 'sampleLink') return { ...titled, buttons: [{ text: '查看', url: text(param.messageUrl) }] }
  if (!msgKey.startsWith('sampleActionCard')) return titled
  const names: [string, string][] = [['singleTitle', 'singleURL']]
  for (let index = 1; index <= 5; index++) {
    names.push([`actionTitle${index}`, `actionURL${index}`], [`buttonTitle${index}`, `buttonUrl${index}`])
  }
  const buttons = names.flatMap(([title, url]) =>
    param[title] === undefined ? [] : [{ text: text(param[title]), url: text(param[url]) }],
  )
  return { ...titled, buttons }
}

/** What a webhook message or a work notification shows; undefined for a kind the platform does not know. */
export function contentOfMessage(message: Json): Content | undefined {
  const kind = text(message.msgtype)
  const inner = (message[kind] ?? {}) as Json
  const raw = message
  if (kind === 'text') return { text: text(inner.content), raw }
  if (kind === 'markdown') return { title: text(inner.title), text: text(inner.text), raw }
  if (kind === 'link')
    return { title: text(inner.title), text: text(inner.text), buttons: [{ text: '查看', url: text(inner.messageUrl) }], raw }
  if (kind === 'oa') {
    const body = (inner.body ?? {}) as Json
    return { title: text(body.title), text: text(body.content), buttons: [{ text: '查看', url: text(inner.message_url) }], raw }
  }
  if (kind !== 'actionCard' && kind !== 'action_card') return undefined
  const single = text(inner.singleTitle) || text(inner.single_title)
  const list = (inner.btns ?? inner.btn_json_list ?? []) as Json[]
  const buttons = single
    ? [{ text: single, url: text(inner.singleURL) || text(inner.single_url) }]
    : list.map(({ title, actionURL, action_url }) => ({ text: text(title), url: text(actionURL) || text(action_url) }))
  return { title: text(inner.title), text: text(inner.text) || text(inner.markdown), buttons, raw }
}

/** Put a message of the app into people's chats, or into a group; hands back its id. */
export function showMessage(state: DingTalkState, to: { users: string[]; conversationId?: string }, content: Content): string {
  const msgid = freshId('msg')
  const entry = { msgid, from: 'app' as const, content, recalled: false, at: state.clock.now() }
  if (to.conversationId === undefined) for (const userId of to.users) chatOf(state, userId).push({ ...entry })
  else groupOf(state, to.conversationId).messages.push(entry)
  state.sent.set(msgid, to)
  state.notifier.changed()
  return msgid
}

/** Take a message out of every chat that shows it. */
/** Within a day; `group` where the page wants the message's group named. False: too old, or unknown there. */
export function recallMessage(state: DingTalkState, msgid: string, group?: string): boolean {
  const to = state.sent.get(msgid)
  if (!to || to.conversationId !== group) return false
  const chats =
    to.conversationId === undefined ? to.users.map(userId => chatOf(state, userId)) : [groupOf(state, to.conversationId).messages]
  const entries = chats.flatMap(chat => chat.filter(entry => entry.msgid === msgid))
  if (entries.some(({ at }) => at < state.clock.now() - RECALL_MS)) return false
  for (const entry of entries) entry.recalled = true
  return true
}
