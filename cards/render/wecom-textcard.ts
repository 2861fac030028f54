import { WECOM_LIMITS as L } from '../limits.ts'
import type { Card } from '../model.ts'
import { clip, oneLine } from './clip.ts'
import { heading } from './heading.ts'

/** `textcard` of "应用推送消息": the only card that an app group takes. */
export interface WeComTextCard {
  title: string
  description: string
  url: string
  btntxt: string
}

/** Draw a card for a group: words and one link, no decisions. Null when there is no address to lead to. */
export function renderTextCard(card: Card, homeUrl?: string): WeComTextCard | null {
  const url = card.link ?? card.buttons.find(button => button.type === 'link')?.url ?? homeUrl
  if (url === undefined) return null
  const lines = [
    `${heading(card)} · ${card.status}`,
    ...card.facts.map(fact => `${oneLine(fact.label)}:${oneLine(fact.value)}`),
    oneLine(card.note ?? ''),
  ]
  const description = clip(lines.filter(Boolean).map(plain).join('\n'), L.textCardDescription)
  const title = plain(oneLine(card.title) || heading(card))
  return { title: inBytes(title, L.textCardTitleBytes), description, url, btntxt: '详情' }
}

/** The description is a little HTML; what people typed is none. */
const plain = (text: string): string => text.replaceAll('<', '〈').replaceAll('>', '〉')

/** Cut to so many UTF-8 bytes, between characters, with … for what is missing. */
function inBytes(text: string, most: number): string {
  const fits = (units: number) => Buffer.byteLength(clip(text, units)) <= most
  let [low, high] = [1, Math.min(text.length, most)]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (fits(middle)) low = middle
    else high = middle - 1
  }
  return clip(text, low)
}
