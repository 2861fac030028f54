import type { Card } from '../../../cards/model.ts'
import { renderDingTalk } from '../../../cards/render/index.ts'

/** The clicker's client waits 2 s for the answer (page "事件回调"); what is ready later is painted by an update. */
export const CLICK_WAIT_MS = 1200

/** What a click is answered with: the new face of the card, or nothing changed. */
export const clickAnswer = (card: Card | null): Record<string, unknown> =>
  card ? { cardUpdateOptions: { updateCardDataByKey: true }, cardData: { cardParamMap: renderDingTalk(card) } } : {}
