import type { Push } from '../dingtalk/push.ts'
import type { ApiCall } from '../kernel/calls.ts'
import type { Delivery } from '../wecom/delivery.ts'

/** One line of the side panel: something a person did and the service received, or a call the service made. */
export interface TraceLine {
  id: string
  at: number
  platform: 'wecom' | 'dingtalk'
  direction: 'in' | 'out'
  title: string
  detail: string
  ms: number | undefined
  ok: boolean
}

/** What a call means in words; calls that are not listed (tokens, contacts) are not shown. */
const CALL_WORDS: readonly [RegExp, string][] = [
  [/\/message\/send$/, '发出消息'],
  [/\/message\/update_template_card$/, '更新卡片'],
  [/\/message\/recall$/, '撤回消息'],
  [/\/appchat\/send$/, '发到群里'],
  [/\/menu\/create$/, '设置菜单'],
  [/\/auth\/getuserinfo$/, '登录:换取身份'],
  [/\/robot\/sendBySession$/, '回复消息'],
  [/\/oToMessages\/batchSend$/, '发出单聊消息'],
  [/\/groupMessages\/send$/, '发到群里'],
  [/\/card\/instances\/createAndDeliver$/, '投放卡片'],
  [/\/card\/instances$/, '更新卡片'],
  [/\/card\/streaming$/, '流式更新卡片'],
  [/\/asyncsend_v2$/, '发出工作通知'],
  [/\/v2\/user\/getuserinfo$/, '登录:换取身份'],
  [/\/oauth2\/userAccessToken$/, '登录:换取身份'],
  [/\/gateway\/connections\/open$/, '打开 Stream 连接'],
  [/\/todo\/users\/.+\/tasks/, '待办'],
]

const EVENT_WORDS: Record<string, string> = {
  text: '发来一句话',
  image: '发来图片',
  enter_agent: '打开会话',
  click: '点了菜单',
  template_card_event: '点了卡片按钮',
  template_card_menu_event: '点了卡片菜单',
  message: '发来一句话',
  card: '点了卡片按钮',
}

type Named = readonly { userId: string; name: string }[]

const nameIn = (people: Named, userId: string) => people.find(person => person.userId === userId)?.name ?? userId

const WORDS_SHOWN = 24

/** What a person did; a text is quoted, so that the line can be told from its neighbours. */
function deed(people: Named, userId: string, label: string, words: string | undefined): string {
  const name = nameIn(people, userId)
  if (!words) return `${name} ${EVENT_WORDS[label] ?? label}`
  const letters = [...words]
  return `${name}:${letters.slice(0, WORDS_SHOWN).join('')}${letters.length > WORDS_SHOWN ? '…' : ''}`
}

/** A WeCom callback as a line. */
export function wecomEvent(people: Named, { id, at, label, userId, innerXml, ms, status, attempts }: Delivery): TraceLine {
  const pending = attempts.length === 0
  const outcome = pending ? '等待服务回应' : status === 0 ? '服务没有回应' : `HTTP ${status}`
  const detail = attempts.length > 1 ? `${outcome} · 第 ${attempts.length} 次投递` : outcome
  const title = deed(people, userId, label, /<Content><!\[CDATA\[([^\]]*)/.exec(innerXml)?.[1])
  return {
    id,
    at,
    platform: 'wecom',
    direction: 'in',
    title,
    detail,
    ms: pending ? undefined : ms,
    ok: pending || status === 200,
  }
}

/** A DingTalk push as a line. */
export function dingtalkEvent(people: Named, { id, at, label, userId, data, acked, ackMs, reason }: Push): TraceLine {
  const failures = {
    no_connection: '服务没有连上 Stream',
    timeout: '服务没有确认',
    no_callback: '卡片没有设置回调',
    dropped: '平台没有送出',
  }
  const detail = acked ? '已确认' : reason ? failures[reason] : '等待服务确认'
  const words = (data.text as { content?: string } | undefined)?.content
  const title = deed(people, userId, label, words)
  return { id, at, platform: 'dingtalk', direction: 'in', title, detail, ms: ackMs, ok: acked || reason === undefined }
}

/** A call of the service as a line; undefined for the ones that tell a newcomer nothing. */
export function callLine(platform: 'wecom' | 'dingtalk', call: ApiCall, index: number): TraceLine | undefined {
  const words = CALL_WORDS.find(([pattern]) => pattern.test(call.path))?.[1]
  if (!words) return undefined
  const reply = (typeof call.reply === 'object' && call.reply !== null ? call.reply : {}) as Record<string, unknown>
  const refused = Boolean(reply.errcode) || call.status !== 200 || call.dropped !== undefined
  const why = refused ? ` · ${String(reply.errcode ?? reply.code ?? call.dropped ?? call.status)}` : ''
  const detail = `${call.method} ${call.path}${why}`
  return {
    id: `${platform}-${call.at}-${index}`,
    at: call.at,
    platform,
    direction: 'out',
    title: words,
    detail,
    ms: call.ms,
    ok: !refused,
  }
}
