import type { Card } from '../../cards/model.ts'
import { asAppError } from '../../common/errors.ts'
import { deriveId } from '../../common/ids.ts'
import type { CardDoc } from '../../models/kernel/card-ledger.ts'
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
    for (const row of await services.models.cards.expiring(before, 50)) {
      if (row.platform !== channel.platform) continue
      await renew(services, channel, row)
      renewed += 1
    }
  }
  if (renewed > 0) services.poke('cards')
  return renewed
}

async function renew(services: Services, channel: Channel, row: CardDoc): Promise<void> {
  const at = new Date(services.clock.now())
  const closed: Card = {
    kind: '卡片更新',
    title: '这张卡片已到期,最新的卡片在下面',
    status: '已失效',
    facts: [],
    note: `已到期 · ${PLATFORM_NAMES[channel.platform] ?? ''}卡片最多保留三天`,
    buttons: [{ type: 'link', id: 'detail', label: '详情', url: services.links.h5('/todos') }],
    link: services.links.h5('/todos'),
  }
  await channel
    .updateCard({ kind: 'person', userId: row.userId ?? '' }, closed, {
      cardId: row._id,
      ...(row.handle && { handle: row.handle }),
    })
    .catch(error => services.log.warn({ code: asAppError(error).code, cardId: row._id }, 'an expiring card was not closed'))
  await services.models.cards.retire(row._id, faceOf(closed))
  await services.models.cards.want(
    [
      {
        _id: deriveId('renew', row._id, String(row.wanted)),
        template: row.template,
        params: row.params,
        subject: row.subject,
        personId: row.personId,
      },
    ],
    at,
  )
}
