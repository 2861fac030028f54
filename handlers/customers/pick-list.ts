import type { CustomerDoc } from '../../models/customers/index.ts'
import type { Reply } from '../kernel/reply.ts'
import type { Turn } from '../kernel/turn.ts'

/** Template of the card that shows a list of customers to choose from. */
export const PICK_CARD = 'customers.pick'
/** What a list entry shows, in characters; more is cut off by clients. */
const LABEL_UNITS = 17

export const pickSubject = (pickId: string): string => `pick:${pickId}`

interface Listed {
  customers: readonly CustomerDoc[]
  total: number
  /** What tells them apart. */
  owner(customer: CustomerDoc): string
  next: Record<string, unknown>
}

/** Offer the customers on a card; their numbers can be said as well. */
export async function offerOnCard(turn: Turn, { customers, total, owner, next }: Listed): Promise<Reply> {
  const { talk } = turn.services.models
  const pickId = turn.id('pick')
  const at = new Date(turn.now)
  const items = customers.map((customer, index) => ({ id: customer._id, label: entry(index, customer.name, owner(customer)) }))
  await talk.offer({ _id: pickId, personId: turn.person._id, next, items, total, picked: null, at })
  await talk.remember(turn.person._id, { list: { kind: 'customer', next, items, at, pickId } })
  return { cards: [{ template: PICK_CARD, params: { pickId }, subject: pickSubject(pickId) }] }
}

/** `1. 长安福特 · 张三`; the owner gives way to a long name. */
function entry(index: number, name: string, owner: string): string {
  const short = `${index + 1}. ${name}`
  const whole = `${short} · ${owner}`
  return whole.length <= LABEL_UNITS ? whole : short
}

/** The choice was made: the card closes. */
export async function closePick(turn: Turn, pickId: string, itemId: string): Promise<void> {
  await turn.services.models.talk.picked(pickId, itemId)
  await turn.services.models.cards.touch(pickSubject(pickId), new Date(turn.now))
  turn.services.poke('cards')
}
