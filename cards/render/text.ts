import type { Card } from '../model.ts'
import { oneLine } from './clip.ts'
import { heading } from './heading.ts'

/** A card in words, for places that cannot draw it: same order, links written out. */
export function renderText(card: Card): string {
  const links = card.buttons.flatMap(button => (button.type === 'link' ? [`${button.label}: ${button.url}`] : []))
  return [
    `${heading(card)} · ${card.status}`,
    oneLine(card.title),
    ...card.facts.map(fact => `${oneLine(fact.label)}: ${oneLine(fact.value)}`),
    oneLine(card.reason ?? ''),
    oneLine(card.note ?? ''),
    ...(card.ask?.questions.flatMap(({ options }) => options.map(({ label }, at) => `${at + 1}. ${oneLine(label)}`)) ?? []),
    ...(links.length > 0 ? links : card.link === undefined ? [] : [`详情: ${card.link}`]),
  ]
    .filter(text => text !== '')
    .join('\n')
}
