import { freshId } from '../../kernel/ids.ts'
import { anything, list, number, object, type Shape, text } from '../../kernel/shape.ts'
import { cardFields } from '../card-fields.ts'
import { callsBack, checkCard } from '../card-rules.ts'
import { countMessages } from '../quota.ts'
import { WeComRefusal } from '../refusal.ts'
import { type CardJson, chatOf, type WeComState } from '../state.ts'
import { translatedCard, translateIds } from '../translate.ts'
import type { EndpointTable } from './endpoint.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const CODE_LIFE_MS = 72 * HOUR_MS
const TEXT_LIMIT_BYTES = 2048

/** Message kinds an app can send, with the fields of their page. */
export const kinds: Shape = {
  text: object({ content: text({ required: true, missing: '44004' }) }),
  markdown: object({ content: text({ required: true, missing: '44004' }) }),
  textcard: object({
    title: text({ required: true, missing: '41016', maxChars: 128 }),
    description: text({ required: true, maxChars: 512 }),
    url: text({ required: true, missing: '41010', maxBytes: 2048 }),
    btntxt: text(),
  }),
  news: object({
    articles: list(
      {
        title: text({ required: true, maxBytes: 128 }),
        description: text({ maxBytes: 512 }),
        url: text({ maxBytes: 2048 }),
        picurl: text({ maxBytes: 2048 }),
        appid: text(),
        pagepath: text({ maxBytes: 128 }),
      },
      { required: true, maxItems: 8 },
    ),
  }),
  mpnews: object({
    articles: list(
      {
        title: text({ required: true, maxBytes: 128 }),
        thumb_media_id: text({ required: true }),
        author: text({ maxBytes: 64 }),
        content_source_url: text(),
        content: text({ required: true }),
        digest: text({ maxBytes: 512 }),
      },
      { required: true, maxItems: 8 },
    ),
  }),
  image: object({ media_id: text({ required: true, missing: '40007' }) }),
  voice: object({ media_id: text({ required: true, missing: '40007' }) }),
  file: object({ media_id: text({ required: true, missing: '40007' }) }),
  video: object({
    media_id: text({ required: true, missing: '40007' }),
    title: text({ maxBytes: 128 }),
    description: text({ maxBytes: 512 }),
  }),
  template_card: object(cardFields),
}

/** message/send; vendor page 发送应用消息. */
export const sendEndpoints: EndpointTable = {
  '/cgi-bin/message/send': {
    method: 'POST',
    fields: {
      touser: text(),
      toparty: text(),
      totag: text(),
      msgtype: text(),
      agentid: anything(),
      safe: number({ oneOf: [0, 1, 2] }),
      enable_id_trans: number({ oneOf: [0, 1] }),
      enable_duplicate_check: number({ oneOf: [0, 1] }),
      duplicate_check_interval: number(),
      ...kinds,
    },
    run: ({ state, body }) => {
      if (body.agentid !== state.agentId) throw new WeComRefusal(301002, 'agentid not match the access_token')
      const msgtype = String(body.msgtype ?? '')
      if (!Object.hasOwn(kinds, msgtype)) throw new WeComRefusal(40008, 'invalid message type')
      const content = body[msgtype]
      if (typeof content !== 'object' || content === null) throw new WeComRefusal(44004, 'content missing')
      checkContent(state, msgtype, content as Record<string, unknown>)
      const { reached, ...invalid } = addressees(state, body)
      if (reached.length === 0) throw new WeComRefusal(81013, 'user & party & tag all invalid')
      const msgid = freshId('M')
      if (suppressed(state, body)) return { ...shownLists(state, invalid), msgid }
      countMessages(state, reached.length)
      const card = msgtype === 'template_card' ? (content as CardJson) : undefined
      const delivered = reached.filter(userId => allowed(state, userId, msgid))
      const at = state.clock.now()
      state.sent.set(msgid, { msgid, msgtype, body, recipients: delivered, at, recalled: false })
      for (const userId of delivered) {
        const entry = bubble(state, msgtype, content as Record<string, unknown>, Boolean(body.enable_id_trans))
        chatOf(state, userId).push({ msgid, from: 'app', msgtype, recalled: false, at, ...entry })
      }
      return { ...shownLists(state, invalid), msgid, ...registerCard(state, card, msgid) }
    },
  },
}

function checkContent(state: WeComState, msgtype: string, content: Record<string, unknown>) {
  const media = content.media_id
  if (typeof media === 'string') checkMedia(state, media)
  if (msgtype !== 'template_card') return
  checkCard(content)
  const taskId = content.task_id
  if (typeof taskId === 'string' && state.tasks.has(taskId)) throw new WeComRefusal(42014, 'task_id has been used')
  if (callsBack(content) && !(state.callback.url && state.callback.verified))
    throw new WeComRefusal(43012, 'callback url required')
}

/** A media id that is unknown or older than three days. */
export function checkMedia(state: WeComState, mediaId: string): void {
  const file = state.media.get(mediaId)
  if (!file || file.expiresAt < state.clock.now()) throw new WeComRefusal(40007, 'invalid media_id')
}

const shownLists = (state: WeComState, lists: Record<string, string>) =>
  state.switches.omitEmptyLists ? Object.fromEntries(Object.entries(lists).filter(([, value]) => value !== '')) : lists

function addressees(state: WeComState, body: Record<string, unknown>) {
  const split = (name: string) =>
    String(body[name] ?? '')
      .split('|')
      .filter(Boolean)
  const [users, parties, tags] = [split('touser'), split('toparty'), split('totag')]
  if (users.length + parties.length + tags.length === 0) throw new WeComRefusal(82001, 'touser, toparty and totag are all empty')
  if (users.length > 1000 || parties.length > 100 || tags.length > 100) throw new WeComRefusal(81012, 'too many addressees')
  const { directory } = state
  if (users.includes('@all'))
    return { reached: directory.people.map(person => person.userId), invaliduser: '', invalidparty: '', invalidtag: '' }
  const reached = new Set<string>()
  const invalid = { users: [] as string[], parties: [] as string[], tags: [] as string[] }
  for (const id of users) {
    const person = directory.person(id)
    if (person) reached.add(person.userId)
    else invalid.users.push(id.toLowerCase())
  }
  for (const id of parties) {
    if (!directory.department(Number(id))) invalid.parties.push(id)
    for (const person of directory.people) if (person.departmentId === Number(id)) reached.add(person.userId)
  }
  for (const id of tags) {
    const role = directory.roles.find(candidate => candidate.id === Number(id))
    if (!role) invalid.tags.push(id)
    for (const userId of role?.userIds ?? []) reached.add(userId)
  }
  const joined = {
    invaliduser: invalid.users.join('|'),
    invalidparty: invalid.parties.join('|'),
    invalidtag: invalid.tags.join('|'),
  }
  return { reached: [...reached], ...joined }
}

function suppressed(state: WeComState, body: Record<string, unknown>): boolean {
  if (body.enable_duplicate_check !== 1) return false
  const key = JSON.stringify(body)
  const now = state.clock.now()
  const until = state.duplicates.get(key) ?? 0
  state.duplicates.set(key, now + Number(body.duplicate_check_interval ?? 1800) * 1000)
  return until > now
}

/** 30 a minute and 1,000 an hour per member; what exceeds them vanishes without an error (vendor page 访问频率限制). */
function allowed(state: WeComState, userId: string, msgid: string): boolean {
  const now = state.clock.now()
  const recent = (state.sends.get(userId) ?? []).filter(at => now - at < HOUR_MS)
  const lastMinute = recent.filter(at => now - at < MINUTE_MS).length
  state.sends.set(userId, recent)
  if (lastMinute >= 30 || recent.length >= 1000) {
    state.dropped.push({ userId, msgid, at: now })
    return false
  }
  recent.push(now)
  return true
}

function bubble(state: WeComState, msgtype: string, content: Record<string, unknown>, translate: boolean) {
  const shown = (text: string) => (translate ? translateIds(state.directory, text) : text)
  if (msgtype === 'text' || msgtype === 'markdown') return { text: cutBytes(shown(String(content.content)), TEXT_LIMIT_BYTES) }
  if (msgtype === 'textcard') return { card: content }
  if (msgtype !== 'template_card') return { text: `[${msgtype}]` }
  const card = translate ? translatedCard(state.directory, content) : content
  return { card, ...(typeof content.task_id === 'string' ? { taskId: content.task_id } : {}) }
}

function registerCard(state: WeComState, card: CardJson | undefined, msgid: string) {
  const taskId = card?.task_id
  if (!card || typeof taskId !== 'string') return {}
  state.tasks.set(taskId, msgid)
  if (!callsBack(card)) return {}
  const code = freshId('RC')
  state.codes.set(code, { taskId, msgid, origin: 'send', expiresAt: state.clock.now() + CODE_LIFE_MS, used: false })
  return { response_code: code }
}

/** The longest beginning of a text that fits, never cutting a character. */
export function cutBytes(text: string, limit: number): string {
  if (Buffer.byteLength(text) <= limit) return text
  let size = 0
  let kept = ''
  for (const character of text) {
    size += Buffer.byteLength(character)
    if (size > limit) break
    kept += character
  }
  return kept
}
