import type { DuplicateMatch } from '../../common/contract/leads.ts'
import { leadDuplicatesInput } from '../../common/contract/leads.ts'
import { normaliseCompany } from '../../common/names.ts'
import { parsePhone } from '../../common/phone.ts'
import { canSee, type Viewer } from '../../engine/policy/index.ts'
import type { CustomerDoc } from '../../models/customers/index.ts'
import type { InSession } from '../../models/kernel/mongo.ts'
import { defineQuery } from '../kernel/command.ts'
import type { Services } from '../kernel/services.ts'

/**
 * Who follows this company or this phone already, whoever owns it. The asker learns owner and date; the customer itself only
 * where it may be seen.
 */
export async function findDuplicates(
  services: Services,
  viewer: Viewer,
  input: { company: string; phone: string },
  options?: InSession,
): Promise<DuplicateMatch[]> {
  const { contacts, customers } = services.models
  const found: { by: DuplicateMatch['by']; customer: CustomerDoc }[] = []
  const phone = parsePhone(input.phone)
  const byPhone = phone ? (await contacts.byPhone(phone, options))[0] : undefined
  const phoneOwner = byPhone ? await customers.byId(byPhone.customerId, options) : null
  if (phoneOwner) found.push({ by: 'phone', customer: phoneOwner })
  const nameKey = normaliseCompany(input.company)
  const same = nameKey ? await customers.byNameKey(nameKey, options) : null
  if (same) found.push({ by: 'company', customer: same })
  const organisation = await services.organisation.current()
  return found.map(({ by, customer }) => ({
    by,
    owner: { id: customer.ownerId, name: organisation.name(customer.ownerId) },
    since: customer.ownerSince.getTime(),
    ...(canSee(viewer, 'customers', customer) && { customer: { id: customer._id, name: customer.name } }),
  }))
}

export const leadDuplicates = defineQuery({
  name: 'leads.duplicates',
  title: '查重',
  input: leadDuplicatesInput,
  surfaces: ['h5', 'chat'],
  run: ({ services, viewer }, input) => findDuplicates(services, viewer, input),
})
