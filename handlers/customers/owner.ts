import { NotFoundError } from '../../common/errors.ts'
import { type Reply, say } from '../kernel/reply.ts'
import type { Turn } from '../kernel/turn.ts'

/** 谁负责: the first responsible person of a customer, and how to reach them. */
export async function tellOwner({ services, now }: Turn, { _id }: { _id: string }): Promise<Reply> {
  const customer = await services.models.customers.byId(_id)
  if (!customer) throw new NotFoundError('customer.unknown', '没有找到这个客户。')
  const organisation = await services.organisation.current()
  const { ownerId, ownerSince, name } = customer
  const place = [...organisation.departmentNames(ownerId).slice(0, 1), organisation.title(ownerId)].filter(Boolean).join(' · ')
  const mobile = organisation.person(ownerId)?.mobile
  const about = [place && `(${place})`, `,自 ${services.time.date(ownerSince.getTime(), now)} 起`, mobile && `,电话 ${mobile}`]
  return say(`${name} 由 ${organisation.name(ownerId)} 负责${about.filter(Boolean).join('')}。`)
}
