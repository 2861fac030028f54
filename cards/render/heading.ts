import type { Card } from '../model.ts'
import { oneLine } from './clip.ts'

/** Kind and number: `合同审批 HT-2026-0041`. Never empty, because platforms refuse a card without a title. */
export function heading(card: Card): string {
  const text = oneLine(`${card.kind} ${card.number ?? ''}`)
  return text === '' ? '客联' : text
}
