import type { Card } from '../../cards/model.ts'
import type { CardActionEvent } from '../../common/inbound.ts'
import type { Viewer } from '../../engine/policy/index.ts'
import type { CardDoc, NewCard } from '../../models/kernel/card-ledger.ts'
import type { Services } from './services.ts'

export interface ClickContext {
  services: Services
  /** Who clicked; not always who got the card. */
  actor: Viewer
  card: CardDoc
  event: CardActionEvent
  /** The same for every click of this person on this button of this card. */
  onceId: string
  /** The same for every delivery of this one click. */
  clickId: string
}

/** What a click leads to beside the repainted card. */
export interface ClickOutcome {
  /** A message to the clicker. */
  text?: string
  /** The text holds a link that is a key; it is not kept. */
  secret?: boolean
  cards?: NewCard[]
}

/**
 * How one kind of card is drawn and what its buttons do. `present` reads the committed state each time, so that a card can only
 * ever show the truth; it is told who looks.
 */
export interface CardTemplate {
  name: string
  /** Its reader is asked once more when no decision comes. */
  asksDecision?: true
  present(services: Services, params: Readonly<Record<string, string>>, viewer: Viewer): Promise<Card>
  actions: Readonly<Record<string, (context: ClickContext) => Promise<ClickOutcome>>>
}

export type CardTemplates = ReadonlyMap<string, CardTemplate>
