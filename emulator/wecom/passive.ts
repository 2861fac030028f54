import { decrypt, getSignature } from '@wecom/crypto'
import { freshId } from '../kernel/ids.ts'
import type { Delivery } from './delivery.ts'
import { type CardJson, chatOf, type WeComState } from './state.ts'
import { parseXml } from './xml.ts'

const LISTS = new Set([
  'horizontal_content_list',
  'vertical_content_list',
  'jump_list',
  'button_list',
  'action_list',
  'select_list',
  'option_list',
])
const JOINED: Record<string, string> = {
  key_name: 'keyname',
  page_path: 'pagepath',
  app_id: 'appid',
  user_id: 'userid',
  check_box: 'checkbox',
}

/** Open an encrypted passive reply (vendor page 回调配置); a sentence says why a client would show nothing. */
export function openReply(state: WeComState, body: string): Record<string, unknown> | string {
  const outer = parseXml(body)
  const cipher = outer?.Encrypt
  if (typeof cipher !== 'string') return '回复不是加密的 XML'
  const expected = getSignature(state.token, String(outer?.TimeStamp), String(outer?.Nonce), cipher)
  if (expected !== outer?.MsgSignature) return '回复的签名不对'
  try {
    const { message, id } = decrypt(state.encodingAesKey, cipher)
    if (id !== state.corpId) return '回复的 receiveid 不是本企业'
    return parseXml(message) ?? '回复解密后不是 XML'
  } catch {
    return '回复无法解密'
  }
}

/** Apply what a callback was answered with (the vendor pages 企业内部开发): messages join the conversation, card updates change the clicker's view. */
export function applyPassiveReply(state: WeComState, delivery: Delivery): void {
  const body = delivery.body.trim()
  if (body === '' || body === 'success') return
  const inner = openReply(state, body)
  if (typeof inner === 'string') {
    delivery.warnings.push(inner)
    return
  }
  delivery.passiveReply = inner
  const type = String(inner.MsgType ?? '')
  const to = String(inner.ToUserName ?? delivery.userId)
  if (type === 'text' || ['image', 'voice', 'video', 'news'].includes(type)) {
    const text = type === 'text' ? String(inner.Content ?? '') : `[${type}]`
    chatOf(state, to).push({ msgid: freshId('P'), from: 'app', msgtype: type, text, recalled: false, at: state.clock.now() })
    return
  }
  if (type !== 'update_button' && type !== 'update_template_card') {
    delivery.warnings.push(`客户端不显示这种回复:${type}`)
    return
  }
  if (delivery.label === 'template_card_event' && !state.switches.honourPassiveCardUpdate) {
    delivery.warnings.push('按钮点击的被动卡片更新未生效,请用 update_template_card')
    return
  }
  const taskId = /<TaskId><!\[CDATA\[(.*?)\]\]><\/TaskId>/.exec(delivery.innerXml)?.[1]
  const entry = chatOf(state, delivery.userId).findLast(candidate => candidate.taskId === taskId)
  if (!entry) return
  if (type === 'update_button') {
    entry.replaceText = String((inner.Button as Record<string, unknown> | undefined)?.ReplaceName ?? '')
    return
  }
  const card = cardFromXml(inner.TemplateCard) as CardJson
  entry.card = card
  if (typeof card.replace_text === 'string') entry.replaceText = card.replace_text
}

/** A card in the XML spelling of passive replies, turned into the JSON spelling of sends (vendor page 被动回复消息). */
export function cardFromXml(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cardFromXml)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => {
      const snake = name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()
      const key = JOINED[snake] ?? snake
      const inner = cardFromXml(entry)
      return [key, LISTS.has(key) && !Array.isArray(inner) ? [inner] : key === 'type' || key === 'style' ? Number(inner) : inner]
    }),
  )
}
