import type { Card } from '../../cards/model.ts'
import { asAppError } from '../../common/errors.ts'
import { deriveId } from '../../common/ids.ts'
import type { CardDoc } from '../../models/kernel/card-ledger.ts'
import { routes } from './links.ts'
import { faceOf } from './paint.ts'
import type { Channel } from './ports.ts'
import { PLATFORM_NAMES, type Services } from './services.ts'

const HOUR_MS = 3_600_000
/** A right to repaint is used two hours before it ends. */
const HANDLE_MARGIN_MS = 2 * HOUR_MS

/** Cards whose right to repaint ends soon are closed with it, and asked anew with a fresh card. Returns how many. */
export async function renewExpiring(services: Services): Promise<number> {
  let renewed = 0
  for (const channel of services.channels.values()) {
    if (channel.abilities.cardUpdate !== 'once') continue
    const before = new Date(services.clock.now() - channel.abilities.handleLifeMs + HANDLE_MARGIN_MS)
    for (const row of await services.models.cards.expiring(channel.platform, before, 50)) {
      await renewCard(services, channel, row, `已到期 · ${PLATFORM_NAMES[channel.platform] ?? ''}卡片最多保留三天`)
      renewed += 1
    }
  }
  return renewed
}

/**
 * Put a fresh card in the place of one that is still open. The new one is wanted first and its id follows from the old one's: whoever is
 * interrupted half-way can be repeated, and no question is lost.
 */
export async function renewCard(services: Services, channel: Channel, row: CardDoc, note: string): Promise<void> {
  const at = new Date(services.clock.now())
  const successor = deriveId('renew', row._id)
  await services.models.cards.want(
    [
      {
        _id: successor,
        template: row.template,
        params: row.params,
        subject: row.subject,
        personId: row.personId,
        ...(row.agedAt && { agedAt: row.agedAt }),
      },
    ],
    at,
  )
  const link = services.links.h5(routes.todos)
  const closed: Card = {
    kind: '卡片更新',
    title: '这张卡片已失效,最新的卡片在下面',
    status: '已失效',
    facts: [],
    note,
    buttons: [{ type: 'link', id: 'detail', label: '详情', url: link }],
    link,
  }
  await channel
    .updateCard({ kind: 'person', userId: row.userId ?? '' }, closed, {
      cardId: row._id,
      ...(row.handle && { handle: row.handle }),
    })
    .catch(error =>
      services.log.warn({ code: asAppError(error).code, cardId: row._id }, 'a card was not closed for its successor'),
    )
  await services.models.cards.retire(row._id, faceOf(closed), successor)
  services.poke('cards')
}
