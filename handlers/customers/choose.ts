import type { CustomerDoc } from '../../models/customers/index.ts'
import { type Reply, say } from '../kernel/reply.ts'
import type { Turn } from '../kernel/turn.ts'
import { offerOnCard } from './pick-list.ts'
import { findCustomer } from './search.ts'

const MAX_LIST = 5

/** What is to happen once the customer is known; kept with a pick list, hence plain data. */
export type Then =
  | { action: 'card' | 'visit' | 'owner' | 'share' | 'revoke' | 'space' }
  | { action: 'activity'; text: string }
  | { action: 'request'; key: string }
  | { action: 'contract'; values: Record<string, string>; problem?: { field: string; message: string } }

export type Chosen = { customer: CustomerDoc } | { reply: Reply }

/** The customer that is meant, or the words that help to say it: a pick list, who follows it, the nearest names. */
export async function chooseCustomer(turn: Turn, query: string, then: Then): Promise<Chosen> {
  const { services, viewer, now } = turn
  const found = await findCustomer(services, viewer, query)
  const organisation = await services.organisation.current()
  switch (found.kind) {
    case 'one':
      return { customer: found.customer }
    case 'several': {
      const rows = found.customers.slice(0, MAX_LIST)
      if (services.channels.get(turn.event.platform)?.abilities.choices) {
        const owner = (row: CustomerDoc) => organisation.name(row.ownerId)
        return { reply: await offerOnCard(turn, { customers: rows, total: found.total, owner, next: { ...then } }) }
      }
      await offer(
        turn,
        rows.map(row => ({ id: row._id, label: row.name })),
        then,
      )
      const lines = rows.map((row, index) => `${index + 1}. ${row.name} · ${organisation.name(row.ownerId)} · ${row.stage}`)
      const more = found.total > rows.length ? `\n还有 ${found.total - rows.length} 位,请把名称写得更完整。` : ''
      return { reply: say(`找到 ${found.total} 位客户,回复序号选择:\n${lines.join('\n')}${more}`) }
    }
    case 'hidden': {
      const owners = found.owners.map(
        ({ ownerId, since }) => `${organisation.name(ownerId)} 自 ${services.time.date(since, now)} 起`,
      )
      const leads = found.leads.map(
        lead => `\n您的线索 ${lead.number}:${[lead.company, lead.contact, lead.interest].filter(Boolean).join(' · ')}`,
      )
      return {
        reply: say(
          `这个客户由 ${[...new Set(owners)].join('、')}跟进,您没有查看权限。如需协作,请直接联系对方。${leads.join('')}\n(customer.not_visible)`,
        ),
      }
    }
    case 'none': {
      const hint = `要新建,请发送:新建线索 ${query || '公司名称'} 联系人 电话`
      if (found.nearest.length === 0) return { reply: say(`没有找到客户"${query}"。\n${hint}`) }
      await offer(
        turn,
        found.nearest.map(({ id, name }) => ({ id, label: name })),
        then,
      )
      const lines = found.nearest.map(({ name }, index) => `${index + 1}. ${name}`)
      return { reply: say(`没有找到客户"${query}",相近的有:\n${lines.join('\n')}\n回复序号选择。${hint}`) }
    }
  }
}

async function offer(turn: Turn, items: { id: string; label: string }[], then: Then): Promise<void> {
  await turn.services.models.talk.remember(turn.person._id, {
    list: { kind: 'customer', next: { ...then }, items, at: new Date(turn.now) },
  })
}
