import { DeniedError, NotFoundError } from '../../common/errors.ts'
import { canSee, type Viewer } from '../../engine/policy/index.ts'
import type { CustomerDoc } from '../../models/customers/index.ts'
import type { Services } from './services.ts'

/**
 * The customer, if this person may see it; every capability that hangs on a customer asks here.
 * @throws DeniedError `customer.not_visible` naming owner and date, which everybody may know
 */
export async function visibleCustomer(services: Services, viewer: Viewer, customerId: string): Promise<CustomerDoc> {
  const customer = await services.models.customers.byId(customerId)
  if (!customer) throw new NotFoundError('customer.unknown', '没有找到这个客户。')
  if (!canSee(viewer, 'customers', customer)) {
    const owner = (await services.organisation.current()).name(customer.ownerId)
    const since = services.time.date(customer.ownerSince.getTime(), services.clock.now())
    throw new DeniedError('customer.not_visible', `这个客户由 ${owner} 自 ${since} 起跟进,您没有查看权限。`, { owner, since })
  }
  return customer
}
