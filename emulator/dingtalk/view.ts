import { jsonOf } from '../kernel/http.ts'
import type { CardButton, CardView, ChatMessage } from '../kernel/view.ts'
import type { Card, ChatEntry, Content, DingTalkState, Params } from './state.ts'

type Json = Record<string, unknown>

const text = (value: unknown) => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '')
const listOf = (value: string | undefined): Json[] => {
  const parsed = jsonOf(value ?? '')
  return Array.isArray(parsed) ? parsed.filter((item): item is Json => typeof item === 'object' && item !== null) : []
}

/** A bubble as the DingTalk client paints it for one person. */
export function shownMessage(state: DingTalkState, userId: string, entry: ChatEntry): ChatMessage {
  const { msgid, from, recalled, at } = entry
  const shared = { msgid, from, recalled, at }
  if (recalled) return { ...shared, kind: 'text', text: '' }
  const card = entry.outTrackId === undefined ? undefined : state.cards.get(entry.outTrackId)
  if (card) return { ...shared, kind: 'card', card: shownCard(card, userId) }
  const content = entry.content
  if (content?.buttons) return { ...shared, kind: 'card', card: shownAction(content, content.buttons) }
  return { ...shared, kind: 'text', text: content?.text ?? '' }
}

/** The variables of the product's template: title, status, fields and buttons as JSON text; private values win over public ones. */
export function shownCard(card: Card, userId: string): CardView {
  const params: Params = { ...card.params, ...card.privateParams.get(userId) }
  return {
    raw: params,
    taskId: card.outTrackId,
    title: params.title ?? '',
    subTitle: params.subTitle ?? '',
    description: params.description ?? '',
    status: params.status ?? '',
    facts: listOf(params.fields).map(({ label, value }) => ({ label: text(label), value: text(value) })),
    buttons: listOf(params.buttons).map(({ id, text: label, url, style }): CardButton => {
      const target = text(url) ? { url: text(url) } : { key: text(id) }
      return { text: text(label), ...target, enabled: true, ...(text(style) ? { style: text(style) } : {}) }
    }),
    menu: [],
  }
}

function shownAction(content: Content, buttons: { text: string; url: string }[]): CardView {
  return {
    raw: content.raw,
    taskId: '',
    title: content.title ?? '',
    subTitle: '',
    description: content.text,
    status: '',
    facts: [],
    buttons: buttons.map(button => ({ ...button, enabled: true })),
    menu: [],
  }
}
