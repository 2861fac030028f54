import { type CustomerRow, customersSearchInput } from '../../common/contract/customers.ts'
import type { Page } from '../../common/contract/page.ts'
import { normaliseCompany, queryKey, similarity } from '../../common/names.ts'
import { canSee, scopeFilter, type Viewer } from '../../engine/policy/index.ts'
import type { CustomerDoc } from '../../models/customers/index.ts'
import type { LeadDoc } from '../../models/leads/index.ts'
import { defineQuery } from '../kernel/command.ts'
import { asPage, decodeCursor } from '../kernel/cursor.ts'
import type { Services } from '../kernel/services.ts'

/** A single letter would list half the company's customers to whoever asks. */
const MIN_KEY_LENGTH = 2
const MAX_CANDIDATES = 20
/** How many names "did you mean" looks at. */
const NEAREST_POOL = 2_000
const NEAREST_MIN = 0.3

export const customersSearch = defineQuery({
  name: 'customers.search',
  title: '查客户',
  input: customersSearchInput,
  surfaces: ['chat', 'h5'],
  async run({ services, viewer }, { q, cursor, limit }): Promise<Page<CustomerRow>> {
    const key = queryKey(q)
    if (!key && q.trim()) return { items: [], nextCursor: null }
    const keys = key ? [key] : []
    const rows = await services.models.customers.search(keys, scopeFilter(viewer, 'customers'), limit + 1, decodeCursor(cursor))
    const organisation = await services.organisation.current()
    return asPage(
      rows,
      limit,
      row => ({ at: row.lastActivityAt.getTime(), id: row._id }),
      row => ({
        id: row._id,
        name: row.name,
        stage: row.stage,
        owner: organisation.ref(row.ownerId),
        lastActivityAt: row.lastActivityAt.getTime(),
      }),
    )
  },
})

export type Found =
  | { kind: 'one'; customer: CustomerDoc }
  | { kind: 'several'; customers: CustomerDoc[]; total: number }
  /** Others follow what was asked for; the asker learns owner and date and nothing else. */
  | { kind: 'hidden'; owners: { ownerId: string; since: number }[]; leads: LeadDoc[] }
  | { kind: 'none'; nearest: { id: string; name: string }[] }

/** Which customer is meant? An exact name wins over partial ones. Everything but owner and date of foreign customers is scoped. */
export async function findCustomer(services: Services, viewer: Viewer, query: string): Promise<Found> {
  const { customers } = services.models
  const scope = scopeFilter(viewer, 'customers')
  const nameKey = normaliseCompany(query)
  const exact = nameKey ? await customers.byNameKey(nameKey) : null
  if (exact) return canSee(viewer, 'customers', exact) ? { kind: 'one', customer: exact } : hidden(services, viewer, [exact])

  const key = queryKey(query)
  if (!key) return { kind: 'none', nearest: [] }
  const own = await customers.search([key], scope, MAX_CANDIDATES)
  const [first] = own
  if (first && own.length === 1) return { kind: 'one', customer: first }
  if (first) {
    const total = own.length < MAX_CANDIDATES ? own.length : await customers.count([key], scope)
    return { kind: 'several', customers: own, total }
  }
  if (key.length >= MIN_KEY_LENGTH) {
    const foreign = await customers.search([key], {}, 3)
    if (foreign.length > 0) return hidden(services, viewer, foreign)
  }
  const pool = await customers.names(scope, NEAREST_POOL)
  const nearest = pool
    .map(row => ({ id: row._id, name: row.name, score: similarity(query, row.name) }))
    .filter(row => row.score >= NEAREST_MIN)
    .sort((a, b) => b.score - a.score)
    .slice(0, 3)
    .map(({ id, name }) => ({ id, name }))
  return { kind: 'none', nearest }
}

/** A colleague's customer: owner and date, and the asker's own leads on it. */
async function hidden(services: Services, viewer: Viewer, customers: CustomerDoc[]): Promise<Found> {
  const ids = customers.map(customer => customer._id)
  return {
    kind: 'hidden',
    owners: customers.map(customer => ({ ownerId: customer.ownerId, since: customer.ownerSince.getTime() })),
    leads: await services.models.leads.ofCustomers(ids, scopeFilter(viewer, 'leads'), 3),
  }
}
