import { asAppError } from '../../common/errors.ts'
import { deriveId } from '../../common/ids.ts'
import { type InboundEvent, identityKey } from '../../common/inbound.ts'
import { parsePhone } from '../../common/phone.ts'
import type { ExternalContactDoc } from '../../models/external-contacts/index.ts'
import type { ExternalContact, ExternalContacts } from '../kernel/ports.ts'
import type { Services } from '../kernel/services.ts'

type Follower = ExternalContact['followers'][number]

/** Members asked for in one call. */
const MEMBERS_A_CALL = 100

const rowId = (source: { platform: string; corp: string }, externalId: string, userId: string): string =>
  `${source.platform}:${source.corp}:${externalId}:${userId.toLowerCase()}`

/** A customer in somebody's address book was added, edited or lost: read it anew and link it to our customer by telephone. */
export async function followExternalContact(
  services: Services,
  key: string,
  event: Extract<InboundEvent, { type: 'customer_contact' }>,
): Promise<void> {
  const source = services.externalContacts.get(event.platform)
  if (!source || source.corp !== event.corp) return
  const contact = event.change === 'removed' ? null : await source.get(event.externalId)
  const follower = contact?.followers.find(({ userId }) => userId.toLowerCase() === event.userId.toLowerCase())
  if (contact && follower) await link(services, source, contact, follower)
  else await services.models.externalContacts.end(rowId(source, event.externalId, event.userId))
  services.log.info({ change: event.change, delivery: key }, 'a customer contact changed')
}

/** Take over everybody whom the members have in their address books. What the platform does not permit is none of ours. */
export async function syncExternalContacts(services: Services, source: ExternalContacts): Promise<{ contacts: number }> {
  const { models, clock } = services
  const startedAt = new Date(clock.now())
  const members = await source.listMembers()
  let contacts = 0
  for (let from = 0; from < members.length; from += MEMBERS_A_CALL) {
    for (const contact of await source.listOf(members.slice(from, from + MEMBERS_A_CALL))) {
      for (const follower of contact.followers) await link(services, source, contact, follower)
      contacts += 1
    }
  }
  // An empty listing more likely means a missing permission than that everybody left.
  if (contacts > 0) await models.externalContacts.endUnseen(source.platform, source.corp, startedAt)
  return { contacts }
}

/** Several sources, each on its own: one that fails does not stop the others. */
export async function syncAllExternalContacts(services: Services): Promise<void> {
  for (const source of services.externalContacts.values()) {
    await syncExternalContacts(services, source).catch(error =>
      services.log.warn({ code: asAppError(error).code, platform: source.platform }, 'customer contacts could not be read'),
    )
  }
}

async function link(services: Services, source: ExternalContacts, contact: ExternalContact, follower: Follower): Promise<void> {
  const { models, clock } = services
  const mobiles = follower.mobiles.flatMap(mobile => parsePhone(mobile) ?? [])
  const person = await models.people.byAccount(
    identityKey({ platform: source.platform, corp: source.corp, userId: follower.userId }),
  )
  const match = await customerWith(services, mobiles)
  const row: ExternalContactDoc = {
    _id: rowId(source, contact.externalId, follower.userId),
    platform: source.platform,
    corp: source.corp,
    externalId: contact.externalId,
    userId: follower.userId,
    personId: person?._id ?? null,
    name: contact.name,
    ...(contact.company && { company: contact.company }),
    ...(follower.remark && { remark: follower.remark }),
    mobiles,
    customerId: match?.customerId ?? null,
    contactId: match?._id ?? null,
    status: 'active',
    seenAt: new Date(clock.now()),
  }
  const before = await models.externalContacts.save(row)
  if (!match || before?.customerId === match.customerId) return
  await models.timeline.add({
    _id: deriveId('external-contact', row._id, match.customerId),
    customerId: match.customerId,
    at: row.seenAt,
    type: 'activity',
    title: '微信联系人',
    text: `${contact.name}${contact.company ? `(${contact.company})` : ''} 就是联系人 ${match.name}`,
    byId: person?._id ?? null,
  })
}

/** The contact at one of our customers with one of these numbers; the oldest if several have it. */
async function customerWith({ models }: Services, mobiles: readonly string[]) {
  for (const mobile of mobiles) {
    const [contact] = await models.contacts.byPhone(mobile)
    if (contact) return contact
  }
  return null
}
