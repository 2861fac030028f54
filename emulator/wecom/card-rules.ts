import { fieldsOfType } from './card-fields.ts'
import { WeComRefusal } from './refusal.ts'
import type { CardJson } from './state.ts'

type Json = Record<string, unknown>

const listOf = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : [])
const objectOf = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})
const filled = (value: unknown): value is string => typeof value === 'string' && value !== ''
const bytes = (value: unknown) => Buffer.byteLength(String(value ?? ''))

const KEY_LIMIT_BYTES = 1024

function need(holds: boolean, errcode: number, errmsg: string): asserts holds {
  if (!holds) throw new WeComRefusal(errcode, errmsg)
}

/** Whether a person can press something on this card that calls back. */
export function callsBack(card: CardJson): boolean {
  const type = card.card_type
  if (type === 'button_interaction' || type === 'vote_interaction' || type === 'multiple_interaction') return true
  return card.action_menu !== undefined
}

/**
 * Check a template card as message/send does (vendor page 模板卡片消息).
 *
 * @param updating an update may leave task_id out
 * @throws WeComRefusal with the error codes of that section; list lengths without a code of their own answer 40058†, duplicate button keys 42017†
 */
export function checkCard(card: CardJson, updating = false): void {
  const type = String(card.card_type ?? '')
  need(type in fieldsOfType, 42031, 'invalid card_type')
  const notice = type === 'text_notice' || type === 'news_notice'
  checkTaskId(card, updating)
  const title = objectOf(card.main_title).title
  need(filled(title) || (type === 'text_notice' && filled(card.sub_title_text)), 42033, 'missing title')
  if (card.action_menu !== undefined) checkMenu(objectOf(card.action_menu))
  if (card.quote_area !== undefined) checkJump(objectOf(card.quote_area))
  checkRows(card)
  if (notice || card.card_action !== undefined) checkCardAction(card, notice)
  if (type === 'news_notice') {
    const pictured = filled(objectOf(card.image_text_area).image_url) || filled(objectOf(card.card_image).url)
    need(pictured, 42044, 'missing card_image.url')
  }
  if (card.button_selection !== undefined) checkOptions(objectOf(card.button_selection), 10)
  if (type === 'button_interaction') checkButtons(listOf(card.button_list))
  if (type === 'vote_interaction') checkOptions(objectOf(card.checkbox), 20)
  if (type === 'multiple_interaction') {
    const selects = listOf(card.select_list)
    need(selects.length >= 1 && selects.length <= 3, 42047, 'select_list size')
    for (const select of selects) checkOptions(select, 10)
  }
  if (type === 'vote_interaction' || type === 'multiple_interaction') {
    const submit = objectOf(card.submit_button)
    need(filled(submit.key) && bytes(submit.key) <= KEY_LIMIT_BYTES, 42046, 'submit_button.key')
  }
}

function checkTaskId(card: CardJson, updating: boolean) {
  const taskId = card.task_id
  if (taskId === undefined && (updating || !callsBack(card))) return
  need(typeof taskId === 'string' && /^[0-9A-Za-z_\-@]{1,128}$/.test(taskId), 42014, 'invalid task_id')
}

function checkMenu(menu: Json) {
  const actions = listOf(menu.action_list)
  need(actions.length >= 1 && actions.length <= 3, 40058, 'action_list size')
  need(actions.every(({ text }) => filled(text)) && actions.every(({ key }) => filled(key)), 42039, 'action text or key missing')
  need(new Set(actions.map(({ key }) => key)).size === actions.length, 42051, 'duplicate action key')
}

function checkJump({ type, url, appid }: Json) {
  if (type === 1) need(filled(url), 42028, 'missing url')
  if (type === 2) need(filled(appid), 42030, 'missing appid')
}

function checkCardAction(card: CardJson, notice: boolean) {
  const action = objectOf(card.card_action)
  const allowed = notice ? [1, 2] : [0, 1, 2]
  need(allowed.includes(Number(action.type)), 42045, 'invalid card_action')
  checkJump(action)
}

function checkRows(card: CardJson) {
  const horizontal = listOf(card.horizontal_content_list)
  need(horizontal.length <= 6, 42035, 'horizontal_content_list size')
  for (const row of horizontal) {
    need(filled(row.keyname), 42027, 'missing keyname')
    if (row.type === 1) need(filled(row.url), 42028, 'missing url')
    if (row.type === 2) need(filled(row.media_id), 42029, 'missing media_id')
    if (row.type === 3) need(filled(row.userid), 42050, 'missing userid')
  }
  const vertical = listOf(card.vertical_content_list)
  need(vertical.length <= 4, 42036, 'vertical_content_list size')
  need(
    vertical.every(row => filled(row.title)),
    42033,
    'missing title',
  )
  const jumps = listOf(card.jump_list)
  need(jumps.length <= 3, 42042, 'jump_list size')
  for (const jump of jumps) {
    need(filled(jump.title), 42033, 'missing title')
    checkJump(jump)
  }
}

function checkOptions(question: Json, most: number) {
  need(filled(question.question_key) && bytes(question.question_key) <= KEY_LIMIT_BYTES, 42043, 'question_key')
  const options = listOf(question.option_list)
  need(options.length >= 1 && options.length <= most, 42037, 'option_list size')
  const ids = options.map(({ id }) => id)
  need(ids.every(id => filled(id) && bytes(id) <= 128) && new Set(ids).size === ids.length, 42040, 'option id')
  need(
    options.every(({ text }) => filled(text)),
    42041,
    'option text',
  )
}

function checkButtons(buttons: Json[]) {
  need(buttons.length >= 1 && buttons.length <= 6, 40058, 'button_list size')
  for (const { type = 0, text, key, url } of buttons) {
    need(filled(text), 42038, 'button text')
    if (type === 1) need(filled(url), 42028, 'missing url')
    else need(filled(key) && bytes(key) <= KEY_LIMIT_BYTES, 42039, 'button key')
  }
  const keys = buttons.filter(({ type = 0 }) => type === 0).map(({ key }) => key)
  need(new Set(keys).size === keys.length, 42017, 'duplicate button key')
}
