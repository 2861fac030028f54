import type { Services } from '../../handlers/kernel/services.ts'
import { contractCommandId, replayContract, submittedAt } from './seed-approvals.ts'
import { SAMPLE_CONTRACTS, type SampleContract } from './seed-contracts.ts'
import { SAMPLE_CUSTOMERS } from './seed-customers.ts'
import { leadAt, leadCommandId, replayHistory } from './seed-history.ts'
import { type Actor, createReplay, type Replay } from './seed-replay.ts'
import { replayShares } from './seed-shares.ts'

const SEEDED = 'demoSeeded'
const SEEDED_FROM = 'demoSeededFrom'

/**
 * A telecom operator's business of the last months for the sample company: customers, leads, notes, contracts in every state of approval,
 * projects under way, shared pages.
 *
 * Made by running the real commands at moments of the past, in silence; only a few fresh approvals arrive as cards. Runs once per
 * database; a start that was cut short goes on where it was. Who is not in the directory is left out.
 */
export async function seedSampleData(services: Services): Promise<void> {
  const { settings } = services.models
  if (await settings.get<boolean>(SEEDED)) return
  const organisation = await services.organisation.current()
  const isFirstRun = (await settings.get<number>(SEEDED_FROM)) === undefined
  const now = await settings.setOnce(SEEDED_FROM, services.clock.now())
  const replay = createReplay(services, organisation, { now, isFirstRun })

  const customers = SAMPLE_CUSTOMERS.flatMap((customer, index) => {
    const actor = replay.actor(customer.owner)
    return actor ? [{ customer, index, actor }] : []
  })
  if (customers.length === 0) return
  const contracts = SAMPLE_CONTRACTS.map((contract, index) => ({ contract, index }))
  const known = new Set(customers.map(({ customer }) => customer.name))
  await reserveNumbers(
    replay,
    customers,
    contracts.filter(({ contract }) => known.has(contract.customer)),
  )
  const fresh: { actor: Actor; customerId: string; contract: SampleContract; index: number }[] = []
  const lanes = await Promise.allSettled(
    customers.map(async ({ customer, index, actor }) => {
      const customerId = await replayHistory(replay, actor, customer, index)
      if (!customerId) return
      for (const { contract, index: place } of contracts) {
        if (contract.customer !== customer.name) continue
        if (contract.story.type === 'waiting' && contract.story.live) {
          fresh.push({ actor, customerId, contract, index: place })
        } else await replayContract(replay, actor, customerId, contract, place)
      }
      await replayShares(replay, actor, customerId, customer.name)
    }),
  )
  for (const lane of lanes) if (lane.status === 'rejected') throw lane.reason
  for (const { actor, customerId, contract, index } of fresh.sort((a, b) => a.index - b.index)) {
    await replayContract(replay, actor, customerId, contract, index)
  }
  await settings.set(SEEDED, true)
}

/** Numbers follow the dates, although customers are written side by side. */
async function reserveNumbers(
  replay: Replay,
  customers: readonly { customer: (typeof SAMPLE_CUSTOMERS)[number]; index: number }[],
  contracts: readonly { contract: SampleContract; index: number }[],
): Promise<void> {
  const { models, time } = replay.services
  const leads = customers.flatMap(({ customer, index }) =>
    customer.leads.map((lead, turn) => ({ at: leadAt(replay, lead, index), holder: leadCommandId(index, turn) })),
  )
  const submitted = contracts.map(({ contract, index }) => ({
    at: submittedAt(replay, contract, index),
    holder: contractCommandId(index),
  }))
  const take = async (prefix: string, wanted: { at: number; holder: string }[]): Promise<void> => {
    for (const { at, holder } of wanted.sort((a, b) => a.at - b.at)) {
      await models.reservations.nextNumber(`${prefix}-${time.year(at)}`, holder)
    }
  }
  await Promise.all([take('XS', leads), take('HT', submitted)])
}
