import { DINGTALK_LIMITS as L } from '../limits.ts'
import type { Card, CardButton, Fact } from '../model.ts'
import { clip, line, oneLine } from './clip.ts'
import { heading } from './heading.ts'

/** The variables of our DingTalk template; all values are strings, lists as JSON text (page "创建并投放卡片", value typing). */
export interface DingTalkParams extends Record<string, string> {
  title: string
  status: string
  /** `[{"label","value"}]` */
  fields: string
  /** `[{"id","text","url"?,"style"?}]`; without `url` the click comes back with `params.action` = `id`. */
  buttons: string
}

const bytes = (text: string): number => Buffer.byteLength(text, 'utf8')

/** How much of each value is shown, tried in turn until the JSON text fits. */
const VALUE_UNITS = [200, 100, 60, 40, 30, 20, 12, 6]

/** Draw a card for DingTalk's template. Rarer acts live on 详情 and are not drawn. */
export function renderDingTalk(card: Card): DingTalkParams {
  return { title: dingTalkTitle(card), status: card.status, fields: fieldsText(card), buttons: buttonsText(card.buttons) }
}

/** Kind, number and title in one line. */
export function dingTalkTitle(card: Card): string {
  return line(`${heading(card)} · ${oneLine(card.title)}`, L.titleUnits)
}

/** The facts with the reason and the outcome behind them, in words: what every face of the card shows. */
export function dingTalkFields(card: Card): Fact[] {
  return [
    ...card.facts,
    ...(card.reason ? [{ label: '为什么是您', value: card.reason }] : []),
    ...(card.note ? [{ label: '结果', value: card.note }] : []),
  ].map(field => ({ label: oneLine(field.label) || '—', value: oneLine(field.value) || '—' }))
}

function fieldsText(card: Card): string {
  const fields = dingTalkFields(card)
  for (const units of VALUE_UNITS) {
    const text = JSON.stringify(fields.map(field => ({ label: clip(field.label, 12), value: clip(field.value, units) })))
    if (bytes(text) <= L.paramBytes) return text
  }
  // Too many rows even when each is cut to the bone: the middle ones give way, the deciding first and the outcome last stay.
  const shortest = fields.map(field => ({ label: clip(field.label, 6), value: clip(field.value, 12) }))
  while (bytes(JSON.stringify(shortest)) > L.paramBytes) shortest.splice(Math.max(1, shortest.length - 3), 1)
  return JSON.stringify(shortest)
}

/** Buttons that do not fit are left out from the end, links before decisions: an address cannot be shortened. */
function buttonsText(source: readonly CardButton[]): string {
  const buttons = source.map(button => ({
    id: button.id,
    text: button.label,
    ...(button.type === 'link' && { url: button.url }),
    ...(button.style && { style: button.style }),
  }))
  while (bytes(JSON.stringify(buttons)) > L.paramBytes) {
    const lastLink = buttons.findLastIndex(button => 'url' in button)
    buttons.splice(lastLink >= 0 ? lastLink : buttons.length - 1, 1)
  }
  return JSON.stringify(buttons)
}

export interface ActionCardFace {
  title: string
  /** Markdown. */
  text: string
  buttons: { title: string; url: string }[]
}

/**
 * Draw a card without a template (ActionCard messages): markdown and buttons that open pages. Decisions cannot come back from it: a
 * callback button leads to the page where the same is done, and the words that do it are named. A card without buttons gets 详情.
 */
export function renderActionCard(card: Card): ActionCardFace {
  const page = card.link
  const links = card.buttons.flatMap(button => {
    if (button.type === 'link') return [{ title: button.label, url: button.url }]
    return page === undefined || button.id === 'cancel' ? [] : [{ title: button.label, url: page }]
  })
  const words = card.buttons.flatMap(button => (button.type === 'callback' ? [button.label] : []))
  const fallback = page === undefined ? [] : [{ title: '详情', url: page }]
  const lines = [
    `### ${plain(heading(card))} · ${card.status}`,
    plain(oneLine(card.title)),
    ...dingTalkFields(card).map(field => `${plain(field.label)}:${plain(field.value)}`),
    ...(words.length > 0 ? [`也可以直接回复:${words.join(' / ')}`] : []),
  ]
  return {
    title: dingTalkTitle(card),
    // DingTalk breaks a markdown line only with two spaces on both sides of the break.
    text: lines.map(text => clip(text, 400)).join('  \n  '),
    buttons: (links.length > 0 ? links : fallback).slice(0, L.actionButtons),
  }
}

/** What people typed must not become a link or a tag. DingTalk does not promise backslash escapes, so full-width twins stand in. */
const plain = (text: string): string =>
  text.replace(/[[\]<*`#]/g, mark => String.fromCharCode(mark.charCodeAt(0) + FULL_WIDTH_OFFSET))

const FULL_WIDTH_OFFSET = 0xfee0
