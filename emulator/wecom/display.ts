import type { CardJson } from './state.ts'

type Json = Record<string, unknown>

/** Texts that a client cuts off (字 limits of vendor page 模板卡片消息, counted in code points): path of the field and what is too long. */
export function overLong(card: CardJson): { field: string; detail: string }[] {
  const found: { field: string; detail: string }[] = []
  const check = (field: string, value: unknown, most: number) => {
    const length = typeof value === 'string' ? [...value].length : 0
    if (length > most) found.push({ field, detail: `${length} 字,最多 ${most} 字` })
  }
  const at = (name: string) => (typeof card[name] === 'object' && card[name] !== null ? (card[name] as Json) : {})
  const list = (name: string) => (Array.isArray(card[name]) ? (card[name] as Json[]) : [])
  const vote = card.card_type === 'vote_interaction'
  const poll = vote || card.card_type === 'multiple_interaction'
  check('source.desc', at('source').desc, 20)
  check('main_title.title', at('main_title').title, vote ? 16 : 36)
  check('main_title.desc', at('main_title').desc, poll ? 160 : 44)
  check('emphasis_content.title', at('emphasis_content').title, 14)
  check('emphasis_content.desc', at('emphasis_content').desc, 22)
  check('sub_title_text', card.sub_title_text, 160)
  for (const row of list('horizontal_content_list')) {
    check('horizontal_content_list.keyname', row.keyname, 5)
    check('horizontal_content_list.value', row.value, 30)
  }
  for (const row of list('vertical_content_list')) {
    check('vertical_content_list.title', row.title, 38)
    check('vertical_content_list.desc', row.desc, 160)
  }
  for (const jump of list('jump_list')) check('jump_list.title', jump.title, 18)
  for (const button of list('button_list')) check('button_list.text', button.text, 10)
  check('submit_button.text', at('submit_button').text, 10)
  return found
}
