import { WECOM_LIMITS as L } from '../limits.ts'
import { type Card, type CardButton, hasCallback, STATUS_TONES, type Tone } from '../model.ts'
import { line, oneLine } from './clip.ts'
import { heading } from './heading.ts'

export interface WeComButton {
  /** 0 comes back as `template_card_event`, 1 opens `url`. */
  type: 0 | 1
  text: string
  style?: 1 | 2
  key?: string
  url?: string
}

/** The part of `template_card` that this product uses; field names are the platform's. */
export interface WeComTemplateCard {
  card_type: 'button_interaction' | 'text_notice'
  task_id?: string
  source: { desc: string; desc_color: 0 | 1 | 2 | 3 }
  main_title: { title: string; desc: string }
  sub_title_text?: string
  horizontal_content_list?: { keyname: string; value: string }[]
  action_menu?: { desc: string; action_list: { text: string; key: string }[] }
  card_action?: { type: 1; url: string }
  button_list?: WeComButton[]
}

export interface WeComRenderOptions {
  /** `[0-9A-Za-z_\-@]`, ≤ 128 bytes, never used before by this app. Left out when a card is replaced: the platform keeps the old one. */
  taskId?: string
  /** Where a tap leads when neither the card nor a button has an address; `text_notice` demands one. */
  homeUrl?: string
}

/** 0 grey, 1 black, 2 red, 3 green: the platform has no amber, so what waits is black. */
const COLOURS: Record<Tone, 0 | 1 | 2 | 3> = { waiting: 1, good: 3, bad: 2, over: 0 }

/** A hint keeps at least this much room beside a long reason. */
const SECOND_LINE_UNITS = 60

/**
 * Draw a card for WeCom ("发送应用消息", template cards). With buttons it is a `button_interaction`; without, a `text_notice`.
 *
 * @returns null when the card has neither a button nor any address: WeCom has no such card; send it as text.
 */
export function renderWeCom(card: Card, options: WeComRenderOptions = {}): WeComTemplateCard | null {
  const link = card.link ?? card.buttons.find(button => button.type === 'link')?.url ?? options.homeUrl
  const interactive = card.buttons.length > 0
  if (!interactive && link === undefined) return null
  const subTitle = subTitleOf(card, !hasCallback(card))
  const menu = card.more?.slice(0, L.menuActions).map(action => ({ text: action.label, key: action.id })) ?? []
  return {
    card_type: interactive ? 'button_interaction' : 'text_notice',
    ...(options.taskId !== undefined && { task_id: options.taskId }),
    source: { desc: line(`${card.kind} · ${card.status}`, L.sourceDesc), desc_color: COLOURS[STATUS_TONES[card.status]] },
    main_title: { title: line(heading(card), L.mainTitle), desc: line(card.title, L.mainDesc) },
    ...(subTitle !== '' && { sub_title_text: subTitle }),
    ...(card.facts.length > 0 && { horizontal_content_list: rows(card) }),
    ...(menu.length > 0 && { action_menu: { desc: '更多', action_list: menu } }),
    ...(link !== undefined && { card_action: { type: 1 as const, url: link } }),
    ...(interactive && { button_list: card.buttons.slice(0, L.buttons).map(button) }),
  }
}

/** Why it came, and the outcome. On a closed card the outcome comes first; neither may push the other out. */
function subTitleOf(card: Card, closed: boolean): string {
  const reason = oneLine(card.reason ?? '')
  const note = oneLine(card.note ?? '')
  const [first, second] = closed ? [note, reason] : [reason, note]
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
