import { anything, list, number, object, type Shape, text } from '../kernel/shape.ts'

const JUMP: Shape = { type: number({ oneOf: [0, 1, 2] }), url: text(), appid: text(), pagepath: text() }
const OPTIONS: Shape = { id: text(), text: text(), is_checked: anything() }
const SELECT: Shape = { question_key: text(), title: text(), selected_id: text(), option_list: list(OPTIONS) }
const CHECKBOX: Shape = { question_key: text(), mode: number({ oneOf: [0, 1] }), option_list: list(OPTIONS) }

/** Every field that any of the five card types may carry; vendor page 模板卡片消息. What must be there, and its own errcode, is in `card-rules.ts`. */
export const cardFields: Shape = {
  card_type: text(),
  task_id: anything(),
  source: object({ icon_url: text(), desc: text(), desc_color: number({ oneOf: [0, 1, 2, 3] }) }),
  action_menu: object({ desc: text(), action_list: list({ text: text(), key: text() }) }),
  main_title: object({ title: text(), desc: text() }),
  quote_area: object({ ...JUMP, title: text(), quote_text: text() }),
  emphasis_content: object({ title: text(), desc: text() }),
  sub_title_text: text(),
  image_text_area: object({ ...JUMP, title: text(), desc: text(), image_url: text() }),
  card_image: object({ url: text(), aspect_ratio: number() }),
  vertical_content_list: list({ title: text(), desc: text() }),
  horizontal_content_list: list({
    type: number({ oneOf: [0, 1, 2, 3] }),
    keyname: text(),
    value: text(),
    url: text(),
    media_id: text(),
    userid: text(),
  }),
  jump_list: list({ ...JUMP, title: text() }),
  card_action: object(JUMP),
  button_selection: object(SELECT),
  button_list: list({
    type: number({ oneOf: [0, 1] }),
    text: text(),
    style: number({ oneOf: [1, 2, 3, 4] }),
    key: text(),
    url: text(),
  }),
  checkbox: object(CHECKBOX),
  select_list: list(SELECT),
  submit_button: object({ text: text(), key: text() }),
}

/** What an update may carry besides; vendor page 更新模版卡片消息. */
export const updateCardFields: Shape = {
  ...cardFields,
  replace_text: text(),
  checkbox: object({ ...CHECKBOX, disable: anything() }),
  select_list: list({ ...SELECT, disable: anything() }),
}

const SHARED = ['card_type', 'task_id', 'source', 'main_title', 'replace_text']
const NOTICE = [...SHARED, 'action_menu', 'quote_area', 'horizontal_content_list', 'jump_list', 'card_action']

/** Which fields each type shows; the rest is ignored by the client. */
export const fieldsOfType: Record<string, ReadonlySet<string>> = {
  text_notice: new Set([...NOTICE, 'emphasis_content', 'sub_title_text']),
  news_notice: new Set([...NOTICE, 'image_text_area', 'card_image', 'vertical_content_list']),
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
