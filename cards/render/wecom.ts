import { WECOM_LIMITS as L } from '../limits.ts'
import { type Card, type CardButton, hasCallback, STATUS_TONES, type Tone } from '../model.ts'
import { line, oneLine } from './clip.ts'
import { heading } from './heading.ts'
import { renderWeComAsk, type WeComAskCard } from './wecom-ask.ts'

export interface WeComButton {
  /** 0 comes back as `template_card_event`, 1 opens `url`. */
  type: 0 | 1
  text: string
  style?: 1 | 2
  key?: string
  url?: string
}

/** The part of `template_card` that this product uses; field names are the platform's. Which of them a type has: see `renderWeCom`. */
export interface WeComTemplateCard extends Partial<Omit<WeComAskCard, 'card_type' | 'source'>> {
  card_type: 'text_notice' | 'news_notice' | 'button_interaction' | WeComAskCard['card_type']
  task_id?: string
  source: { desc: string; desc_color?: 0 | 1 | 2 | 3 }
  main_title: { title: string; desc: string }
  sub_title_text?: string
  horizontal_content_list?: { keyname: string; value: string }[]
  vertical_content_list?: { title: string; desc: string }[]
  card_image?: { url: string; aspect_ratio: number }
  action_menu?: { desc: string; action_list: { text: string; key: string }[] }
  jump_list?: { type: 1; title: string; url: string }[]
  card_action?: { type: 1; url: string }
  button_list?: WeComButton[]
}

type Shared = Omit<WeComTemplateCard, 'card_type'>

export interface WeComRenderOptions {
  /** `[0-9A-Za-z_\-@]`, ≤ 128 bytes, never used before by this app. Left out when a card is replaced: the platform keeps the old one. */
  taskId?: string
  /** Where a tap leads when neither the card nor a button has an address; a notice demands one. */
  homeUrl?: string
}

/** 0 grey, 1 black, 2 red, 3 green: the platform has no amber, so what waits is black. */
const COLOURS: Record<Tone, 0 | 1 | 2 | 3> = { waiting: 1, good: 3, bad: 2, over: 0 }

/** A hint keeps at least this much room beside a long reason. */
const SECOND_LINE_UNITS = 60

const DEFAULT_RATIO = 1.3

/**
 * Draw a card for WeCom ("发送应用消息", template cards): questions as `vote_interaction` (one) or `multiple_interaction` (two or three), decisions
 * as `button_interaction`, all else as `text_notice`, or `news_notice` when there is a picture.
 *
 * @returns null when WeCom has no such card (no button and no address, or questions that do not fit): send it as text
 */
export function renderWeCom(card: Card, options: WeComRenderOptions = {}): WeComTemplateCard | null {
  if (card.ask) return renderWeComAsk(card, card.ask, options.taskId)
  const link = card.link ?? card.buttons.find(button => button.type === 'link')?.url ?? options.homeUrl
  const menu = card.more?.slice(0, L.menuActions).map(action => ({ text: action.label, key: action.id })) ?? []
  const shared: Shared = {
    ...(options.taskId !== undefined && { task_id: options.taskId }),
    source: { desc: line(`${card.kind} · ${card.status}`, L.sourceDesc), desc_color: COLOURS[STATUS_TONES[card.status]] },
    main_title: { title: line(heading(card), L.mainTitle), desc: line(card.title, L.mainDesc) },
    ...(card.facts.length > 0 && { horizontal_content_list: rows(card) }),
    ...(menu.length > 0 && { action_menu: { desc: '更多', action_list: menu } }),
  }
  if (card.buttons.some(button => button.type === 'callback')) return buttonCard(card, shared, link)
  return link === undefined ? null : noticeCard(card, shared, link)
}

function buttonCard(card: Card, shared: Shared, link: string | undefined): WeComTemplateCard {
  const subTitle = subTitleOf(card)
  return {
    card_type: 'button_interaction',
    ...shared,
    ...(subTitle !== '' && { sub_title_text: subTitle }),
    ...(link !== undefined && { card_action: { type: 1 as const, url: link } }),
    button_list: card.buttons.slice(0, L.buttons).map(button),
  }
}

function noticeCard(card: Card, shared: Shared, link: string): WeComTemplateCard {
  const jumps = card.buttons.flatMap(each =>
    each.type === 'link' ? [{ type: 1 as const, title: line(each.label, L.jumpTitle), url: each.url }] : [],
  )
  const subTitle = subTitleOf(card)
  const words = card.picture ? pictured(card.picture, subTitle) : { ...(subTitle !== '' && { sub_title_text: subTitle }) }
  return {
    card_type: card.picture ? 'news_notice' : 'text_notice',
    ...shared,
    ...words,
    ...(jumps.length > 0 && { jump_list: jumps.slice(0, L.jumps) }),
    card_action: { type: 1, url: link },
  }
}

/** A card with a picture has no sub-title: its words stand below the picture. */
const pictured = ({ url, ratio = DEFAULT_RATIO }: NonNullable<Card['picture']>, words: string) => ({
  card_image: { url, aspect_ratio: ratio },
  ...(words !== '' && { vertical_content_list: [{ title: '说明', desc: words }] }),
})

/** Why it came, and the outcome. On a closed card the outcome comes first; neither may push the other out. */
function subTitleOf(card: Card): string {
  const reason = oneLine(card.reason ?? '')
  const note = oneLine(card.note ?? '')
  const [first, second] = hasCallback(card) ? [reason, note] : [note, reason]
  if (first === '' || second === '') return line(first || second, L.subTitle)
  const tail = line(second, Math.max(SECOND_LINE_UNITS, L.subTitle - first.length - 1))
  return `${line(first, L.subTitle - tail.length - 1)}\n${tail}`
}

const rows = (card: Card) =>
  card.facts.slice(0, L.rows).map(fact => ({
    keyname: line(fact.label, L.rowKey) || '—',
    value: line(fact.value, L.rowValue) || '—',
  }))

function button(source: CardButton): WeComButton {
  const style = source.style === 'primary' ? 1 : source.style === 'danger' ? 2 : undefined
  const look = style === undefined ? {} : ({ style } as const)
  return source.type === 'callback'
    ? { type: 0, text: source.label, ...look, key: source.id }
    : { type: 1, text: source.label, ...look, url: source.url }
}
