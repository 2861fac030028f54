import { activityDraft } from '../activities/index.ts'
import { contractDraft } from '../contracts/index.ts'
import type { Reply } from '../kernel/reply.ts'
import type { Turn } from '../kernel/turn.ts'
import { revokeByWord, shareByWord } from '../portal/index.ts'
import { beginRequest } from '../requests/index.ts'
import { openSpaceByWord } from '../spaces/index.ts'
import { beginDraft } from '../talk/drafts.ts'
import { CUSTOMER_CARD, VISIT_CARD } from './card.ts'
import { chooseCustomer, type Then } from './choose.ts'
import { tellOwner } from './owner.ts'

interface Customer {
  _id: string
  name: string
}

/** Find the customer and go on; or answer what stands in the way. */
export async function withCustomer(turn: Turn, query: string, then: Then): Promise<Reply> {
  const chosen = await chooseCustomer(turn, query, then)
  return 'reply' in chosen ? chosen.reply : proceed(turn, chosen.customer, then)
}

/** What was wanted, now that the customer is known. */
export async function proceed(turn: Turn, customer: Customer, then: Then): Promise<Reply> {
  switch (then.action) {
    case 'card':
    case 'visit':
      return {
        cards: [
          {
            template: then.action === 'card' ? CUSTOMER_CARD : VISIT_CARD,
            params: { customerId: customer._id },
            subject: `customer-card:${turn.id('card')}`,
          },
        ],
      }
    case 'owner':
      return tellOwner(turn, customer)
    case 'share':
      return shareByWord(turn, customer)
    case 'revoke':
      return revokeByWord(turn, customer)
    case 'space':
      return openSpaceByWord(turn, customer)
    case 'activity':
      return beginDraft(turn, activityDraft, {
        customerId: customer._id,
        customerName: customer.name,
        ...(then.text && { text: then.text }),
      })
    case 'request':
      return beginRequest(turn, then.key, customer)
    case 'contract':
      return beginDraft(
        turn,
        contractDraft,
        { ...then.values, customerId: customer._id, customerName: customer.name },
        then.problem ? [then.problem] : [],
      )
  }
}
