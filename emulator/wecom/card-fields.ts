import type { FieldTable } from '../kernel/fields.ts'

const JUMP = { type: true, url: true, appid: true, pagepath: true } as const
const OPTIONS = { id: true, text: true, is_checked: true } as const

/** Every field that any of the five card types may carry; vendor page 模板卡片消息. */
export const cardFields: FieldTable = {
  card_type: true,
  task_id: true,
  source: { icon_url: true, desc: true, desc_color: true },
  action_menu: { desc: true, action_list: { text: true, key: true } },
  main_title: { title: true, desc: true },
  quote_area: { ...JUMP, title: true, quote_text: true },
  emphasis_content: { title: true, desc: true },
  sub_title_text: true,
  image_text_area: { ...JUMP, title: true, desc: true, image_url: true },
  card_image: { url: true, aspect_ratio: true },
  vertical_content_list: { title: true, desc: true },
  horizontal_content_list: { type: true, keyname: true, value: true, url: true, media_id: true, userid: true },
  jump_list: { ...JUMP, title: true },
  card_action: JUMP,
  button_selection: { question_key: true, title: true, option_list: OPTIONS, selected_id: true },
  button_list: { type: true, text: true, style: true, key: true, url: true },
  checkbox: { question_key: true, mode: true, option_list: OPTIONS },
  select_list: { question_key: true, title: true, selected_id: true, option_list: OPTIONS },
  submit_button: { text: true, key: true },
}

/** What an update may carry besides; vendor page 更新模版卡片消息. */
export const updateCardFields: FieldTable = {
  ...cardFields,
  replace_text: true,
  checkbox: { question_key: true, mode: true, option_list: OPTIONS, disable: true },
  select_list: { question_key: true, title: true, selected_id: true, option_list: OPTIONS, disable: true },
}

const SHARED = ['card_type', 'task_id', 'source', 'main_title', 'replace_text']

/** Which fields each type shows; the rest is ignored by the client. */
export const fieldsOfType: Record<string, ReadonlySet<string>> = {
  text_notice: new Set([
    ...SHARED,
    'action_menu',
    'quote_area',
    'emphasis_content',
    'sub_title_text',
    'horizontal_content_list',
    'jump_list',
    'card_action',
  ]),
  news_notice: new Set([
    ...SHARED,
    'action_menu',
    'quote_area',
    'image_text_area',
    'card_image',
    'vertical_content_list',
    'horizontal_content_list',
    'jump_list',
    'card_action',
  ]),
  button_interaction: new Set([
    ...SHARED,
    ...[
      'action_menu',
      'quote_area',
      'sub_title_text',
      'horizontal_content_list',
      'card_action',
      'button_selection',
      'button_list',
    ],
  ]),
  vote_interaction: new Set([...SHARED, 'checkbox', 'submit_button']),
  multiple_interaction: new Set([...SHARED, 'select_list', 'submit_button']),
}
