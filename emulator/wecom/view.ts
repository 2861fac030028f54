import type { CardButton, CardQuestion, CardView, ChatMessage } from '../kernel/view.ts'
import type { CardJson, ChatEntry } from './state.ts'

type Json = Record<string, unknown>

const textOf = (value: unknown) => (typeof value === 'string' ? value : '')
const objectOf = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})
const listOf = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : [])

/** A bubble as the WeCom client paints it. */
export function shownMessage(entry: ChatEntry): ChatMessage {
  const { msgid, from, recalled, at } = entry
  const shared = { msgid, from, recalled, at }
  if (recalled) return { ...shared, kind: 'text', text: '' }
  if (entry.card) return { ...shared, kind: 'card', card: shownCard(entry.card, entry) }
  return { ...shared, kind: 'text', text: entry.text ?? '' }
}

function shownCard(card: CardJson, entry: ChatEntry): CardView {
  const title = objectOf(card.main_title)
  const status = entry.replaceText ?? ''
  const url = textOf(objectOf(card.card_action).url) || textOf(card.url)
  const questions = status === '' ? questionsOf(card) : []
  return {
    raw: card,
    taskId: entry.taskId ?? '',
    title: textOf(title.title) || textOf(card.title),
    description: textOf(title.desc) || textOf(card.description),
    subTitle: textOf(card.sub_title_text),
    status,
    facts: [
      ...listOf(card.horizontal_content_list).map(row => fact(row.keyname, row.value, row.url)),
      ...listOf(card.vertical_content_list).map(row => fact(row.title, row.desc, undefined)),
    ],
    buttons: buttonsOf(card, status === ''),
    menu: listOf(objectOf(card.action_menu).action_list).map(({ text, key }) => ({ text: textOf(text), key: textOf(key) })),
    ...(questions.length > 0 ? { questions } : {}),
    ...(url ? { url } : {}),
  }
}

function questionsOf(card: CardJson): CardQuestion[] {
  const options = (value: unknown) => listOf(value).map(({ id, text }) => ({ id: textOf(id), text: textOf(text) }))
  const one = (value: Json, many: boolean): CardQuestion[] =>
    value.question_key
      ? [{ key: textOf(value.question_key), title: textOf(value.title), many, options: options(value.option_list) }]
      : []
  const checkbox = objectOf(card.checkbox)
  return [
    ...one(checkbox, checkbox.mode === 1),
    ...one(objectOf(card.button_selection), false),
    ...listOf(card.select_list).flatMap(select => one(select, false)),
  ]
}

const fact = (label: unknown, value: unknown, url: unknown) => ({
  label: textOf(label),
  value: textOf(value),
  ...(textOf(url) ? { url: textOf(url) } : {}),
})

function buttonsOf(card: CardJson, live: boolean): CardButton[] {
  const buttons = listOf(card.button_list).map(({ type, text, key, url, style }): CardButton => {
    const target = type === 1 ? { url: textOf(url) } : { key: textOf(key) }
    return { text: textOf(text), ...target, enabled: live, style: String(style ?? 1) }
  })
  const jumps = listOf(card.jump_list)
    .filter(({ type }) => type === 1)
    .map(({ title, url }): CardButton => ({ text: textOf(title), url: textOf(url), enabled: true }))
  const submit = objectOf(card.submit_button)
  const submits: CardButton[] = submit.key
    ? [{ text: textOf(submit.text) || '提交', key: textOf(submit.key), enabled: live }]
    : []
  const links: CardButton[] = card.card_type
    ? []
    : [{ text: textOf(card.btntxt) || '详情', url: textOf(card.url), enabled: true }]
  return [...buttons, ...submits, ...jumps, ...links]
}
